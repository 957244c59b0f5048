"""Corrected resampled t-test: does the difference hold when networks train again?"""

from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student

from crosswarp.evaluation.cells import Cell
from crosswarp.evaluation.comparison import Difference
from crosswarp.evaluation.intervals import LEVEL, Estimate


def corrected_resampled_t(
    differences: Sequence[float], tested_share: float
) -> Difference | None:
    """Test whether the mean difference over folds and repeats is zero.

    Folds share training participants, so their differences are not independent and
    the ordinary t-test finds too much. The variance of the mean is taken as
    ``(1 / J + tested_share) * s**2`` for J folds in all.

    Args:
        differences: Metric of the model minus that of the reference, one a fold.
        tested_share: Scans tested in a fold divided by scans trained on.

    Returns:
        Mean over folds, interval and two-sided p, with J - 1 degrees of freedom;
        None with fewer than two folds, or a difference that is the same in all of
        them and not zero.

    References:
        Nadeau & Bengio (2003), Inference for the generalization error. Machine
        Learning 52, 239-281. Bouckaert & Frank (2004) use it for repeated
        cross-validation.

    Example:
        >>> found = corrected_resampled_t([0.1, 0.0, 0.2], 0.5)
        >>> round(found.auc.value, 6), round(found.p, 6)
        (0.1, 0.387628)
    """
    count = len(differences)
    if count < 2:
        return None
    mean = float(np.mean(differences))
    variance = (1 / count + tested_share) * float(np.var(differences, ddof=1))
    if variance < 1e-24:
        same = Difference(Estimate(0.0, 0.0, 0.0), 1.0)
        return same if abs(mean) < 1e-12 else None
    error = float(np.sqrt(variance))
    reach = float(student.ppf((1 + LEVEL) / 2, count - 1)) * error
    p = 2 * float(student.sf(abs(mean) / error, count - 1))
    return Difference(Estimate(mean, mean - reach, mean + reach), p)


def share_tested(cells: Sequence[Cell]) -> float:
    """Estimate tested over trained scans: the mean over folds.

    Trained on is who is tested in the repeat's other folds and does not validate.
    Where that is nobody, the share is that of a fold against all others.
    """
    shares = []
    for cell in cells:
        size = len(cell.truth)
        others = sum(len(c.truth) for c in cells if c.repeat == cell.repeat) - size
        trained = others - cell.validated
        if others:
            shares.append(size / (trained if trained > 0 else others))
    return float(np.mean(shares)) if shares else float("nan")
