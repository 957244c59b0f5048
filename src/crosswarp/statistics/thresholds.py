"""The operating point: where a probability becomes a decision."""

from dataclasses import dataclass

import numpy as np

from crosswarp.types.scores import Grid, Positives, Scores

MINIMUM_A_CLASS = 10
"""Validation participants of each class below which a chosen threshold is mostly noise.

With 10 of a class one of them moves sensitivity by 0.1.
"""

ENOUGH = MINIMUM_A_CLASS - 1e-6
"""The same for a sum of shares, which rounding may leave a little below."""

DEFAULT = 0.5

TOO_FEW = "0.5, too few validation scans"


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


def choose_threshold(
    positive: Positives, probability: Scores, shares: Scores | None = None
) -> Threshold:
    """Choose the threshold with the largest Youden index on validation scans.

    The Youden index is sensitivity + specificity - 1 (Youden, Cancer 3:32, 1950).
    Candidates lie midway between neighbouring probabilities; of equally good ones
    the nearest to 0.5 is taken.

    Args:
        positive: Which validation scans are positive.
        probability: Of the positive class.
        shares: Weight of each scan, one over the scans of its participant; all 1 when
            None.

    Returns:
        0.5 when there are fewer than `MINIMUM_A_CLASS` participants of either class.
    """
    weights = np.ones(len(probability)) if shares is None else shares
    if min(weights[positive].sum(), weights[~positive].sum()) < ENOUGH:
        return Threshold(DEFAULT, TOO_FEW)
    values = np.unique(probability)
    candidates = np.append((values[1:] + values[:-1]) / 2, DEFAULT)
    youden = _share_above(candidates, probability[positive], weights[positive])
    youden -= _share_above(candidates, probability[~positive], weights[~positive])
    best = candidates[youden >= youden.max() - 1e-12]
    return Threshold(
        float(best[np.abs(best - DEFAULT).argmin()]), "youden on validation"
    )


def _share_above(candidates: Grid, probability: Scores, weights: Scores) -> Grid:
    """Compute the share of scans from each candidate on, in the time of a sort."""
    order = np.argsort(probability, kind="stable")
    total = np.append(0.0, np.cumsum(weights[order]))
    below = total[np.searchsorted(probability[order], candidates, side="left")]
    share: Grid = 1 - below / total[-1]
    return share
