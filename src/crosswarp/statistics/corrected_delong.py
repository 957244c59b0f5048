"""The primary test: is one method better if training is repeated on other people?

Repeating a study means other participants in the test parts and other networks, which
were trained on other participants from other random seeds. DeLong's variance has the
first only. The second adds, after Nadeau and Bengio, the share of participants tested
times the variance between folds.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from scipy.stats import t as student

from crosswarp.statistics.cells import Cell
from crosswarp.statistics.comparison import (
    NO_VARIANCE,
    Difference,
    with_error,
    without_variance,
)
from crosswarp.statistics.delong import auc_influence
from crosswarp.statistics.intervals import LEVEL
from crosswarp.statistics.resampled_t import fold_differences, share_tested
from crosswarp.types.scores import Draws

Variances = TypeVar("Variances", float, Draws)


def corrected_delong(
    cells: Sequence[Cell], reference: Sequence[Cell], people: int
) -> Difference | None:
    """Compare two methods by their difference in AUC within folds.

    The variance of the difference is DeLong's, with participants counted once
    (Obuchowski 1997), plus ``share * s**2``: ``share`` is participants tested over
    participants trained on in a fold, and ``s**2`` the variance of the folds'
    differences, computed within each repeat and averaged over repeats. This second
    term is the covariance that Nadeau and Bengio assign to folds whose training sets
    overlap. More repeats estimate it better but do not make it smaller. Degrees
    of freedom are Satterthwaite's. False positives and power, beside those of other
    tests, are in docs/explanation/statistics.md.

    Args:
        cells: Cells of the model, sorted as the reference's.
        reference: Cells of the model compared with.
        people: Participants of the run.

    Returns:
        Difference, interval and two-sided p, all of this test; None where DeLong's
        variance is not defined (a fold with a single participant of a class) and with
        fewer than two folds, which say nothing of training.

    References:
        DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44, 837-845.
        Nadeau & Bengio (2003), Inference for the generalization error. Machine
        Learning 52, 239-281.
        Satterthwaite (1946), An approximate distribution of estimates of variance
        components. Biometrics Bulletin 2, 110-114.
    """
    value, influence = auc_influence(cells, people)
    other, other_influence = auc_influence(reference, people)
    difference = value - other
    of_people = float(np.sum((influence - other_influence) ** 2))
    by_repeat = fold_differences(cells, reference)
    if np.isnan(of_people) or not by_repeat:
        return None
    between = float(np.mean([np.var(found, ddof=1) for found in by_repeat]))
    of_training = share_tested(reference) * between
    if of_people + of_training < NO_VARIANCE:
        return without_variance(difference)
    variance, freedom = with_training(
        of_people,
        of_training,
        _freedom_of_people(cells),
        sum(len(found) - 1 for found in by_repeat),
    )
    error = float(np.sqrt(variance))
    reach = float(student.ppf((1 + LEVEL) / 2, freedom))
    p = 2 * float(student.sf(abs(difference) / error, freedom))
    return with_error(difference, error, reach, p)


def with_training(
    of_people: Variances, of_training: Variances, people: int, folds: int
) -> tuple[Variances, Variances]:
    """Add the two parts of the variance of a difference.

    Args:
        of_people: Variance of DeLong over participants.
        of_training: Share tested times the variance between folds.
        people: Degrees of freedom of the first.
        folds: Those of the second.

    Returns:
        The variance, and its degrees of freedom after Satterthwaite.
    """
    variance = of_people + of_training
    return variance, variance**2 / (of_people**2 / people + of_training**2 / folds)


def _freedom_of_people(cells: Sequence[Cell]) -> int:
    """Participants of the first repeat less one for each class of each fold."""
    first = [cell for cell in cells if cell.repeat == cells[0].repeat]
    people = np.unique(np.concatenate([cell.participants for cell in first]))
    groups = sum(len(np.unique(cell.truth)) for cell in first)
    return max(1, len(people) - groups)
