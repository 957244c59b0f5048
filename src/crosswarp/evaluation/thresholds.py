"""The operating point: where a probability becomes a decision."""

from dataclasses import dataclass

import numpy as np

from crosswarp.types.scores import Positives, Scores

MINIMUM_A_CLASS = 10
"""Validation scans of each class below which a chosen threshold is mostly noise.

With 10 scans a class one scan moves sensitivity by 0.1.
"""

DEFAULT = 0.5


@dataclass(frozen=True)
class Threshold:
    """A probability from which a scan counts as positive.

    Attributes:
        value: 0 to 1.
        rule: How it was found: ``youden on validation`` or ``0.5, too few
            validation scans``.
    """

    value: float
    rule: str


def choose_threshold(positive: Positives, probability: Scores) -> Threshold:
    """Choose the threshold with the largest Youden index on validation scans.

    The Youden index is sensitivity + specificity - 1 (Youden, Cancer 3:32, 1950).
    Candidates lie midway between neighbouring probabilities; of equally good ones
    the nearest to 0.5 is taken.

    Args:
        positive: Which validation scans are positive.
        probability: Of the positive class.

    Returns:
        0.5 when there are fewer than `MINIMUM_A_CLASS` scans of either class.
    """
    if min(positive.sum(), (~positive).sum()) < MINIMUM_A_CLASS:
        return Threshold(DEFAULT, "0.5, too few validation scans")
    values = np.unique(probability)
    candidates = np.append((values[1:] + values[:-1]) / 2, DEFAULT)
    decided = probability[None, :] >= candidates[:, None]
    youden = decided[:, positive].mean(axis=1) - decided[:, ~positive].mean(axis=1)
    best = candidates[youden >= youden.max() - 1e-12]
    return Threshold(
        float(best[np.abs(best - DEFAULT).argmin()]), "youden on validation"
    )
