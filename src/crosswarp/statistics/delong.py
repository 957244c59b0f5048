"""DeLong's test: variance of AUCs, and of their differences, without resampling."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from crosswarp.statistics.cells import Cell
from crosswarp.statistics.comparison import (
    NO_VARIANCE,
    Difference,
    with_error,
    without_variance,
)
from crosswarp.statistics.intervals import LEVEL
from crosswarp.statistics.weighted import beaten
from crosswarp.types.scores import Influence, ParticipantIndex, Positives, Scores


def delong(
    cells: Sequence[Cell], reference: Sequence[Cell], people: int
) -> Difference | None:
    """Compare a model with a reference by DeLong's test.

    The difference is that of `weighted.within_fold_auc`: pairs within a fold, mean
    over repeats, mean of one class against the rest with more than two classes. Each
    fold has its own structural components. Those of a participant are added up over
    scans, folds, repeats and questions before they are squared, so that someone seen
    twice is not counted as two people (Obuchowski 1997).

    Args:
        cells: Of the model, sorted as the reference's; one cell compares one fold.
        reference: Cells of the model compared with.
        people: Participants of the run.

    Returns:
        Difference, normal interval and two-sided p; no interval for models
        that do not differ in anyone. None when no fold has two classes, a fold has
        a single participant of a class (no variance), or the models differ without
        any variance.

    References:
        DeLong, DeLong & Clarke-Pearson (1988), Comparing the areas under two or more
        correlated receiver operating characteristic curves. Biometrics 44, 837-845.
        Sun & Xu (2014), Fast implementation of DeLong's algorithm. IEEE Signal
        Processing Letters 21, 1389-1393.
        Obuchowski (1997), Nonparametric analysis of clustered ROC curve data.
        Biometrics 53, 567-578.
    """
    value, influence = auc_influence(cells, people)
    other, other_influence = auc_influence(reference, people)
    difference = value - other
    error = float(np.sqrt(np.sum((influence - other_influence) ** 2)))
    if np.isnan(difference) or np.isnan(error):
        return None
    if error**2 < NO_VARIANCE:
        return without_variance(difference)
    reach = float(norm.ppf((1 + LEVEL) / 2))
    p = 2 * float(norm.sf(abs(difference) / error))
    return with_error(difference, error, reach, p)


def auc_influence(cells: Sequence[Cell], people: int) -> tuple[float, Influence]:
    """Compute the AUC within folds and what each participant adds to its deviation.

    Returns:
        The AUC, NaN when it is not defined, and one number a participant; the sum of
        their squares is DeLong's variance.
    """
    areas: dict[int, list[float]] = {}
    shares: dict[int, list[Influence]] = {}
    for repeat in sorted({cell.repeat for cell in cells}):
        members = [cell for cell in cells if cell.repeat == repeat]
        for question in range(len(members[0].problems())):
            area, share = _question(members, question, people)
            if not np.isnan(area):
                areas.setdefault(repeat, []).append(area)
                shares.setdefault(repeat, []).append(share)
    if not areas:
        return float("nan"), np.full(people, np.nan)
    mean = float(np.mean([np.mean(found) for found in areas.values()]))
    influence: Influence = np.mean(
        [np.mean(found, axis=0) for found in shares.values()], axis=0
    )
    return mean, influence


def _question(
    cells: Sequence[Cell], question: int, people: int
) -> tuple[float, Influence]:
    problems = [cell.problems()[question] for cell in cells]
    pairs = np.array(
        [
            cell.shares[p].sum() * cell.shares[~p].sum()
            for cell, (p, _) in zip(cells, problems, strict=True)
        ]
    )
    influence = np.zeros(people)
    if not pairs.sum():
        return float("nan"), influence
    area = 0.0
    for cell, (positive, ranks), share in zip(
        cells, problems, pairs / pairs.sum(), strict=True
    ):
        if share:
            scans = cell.shares
            won = placements(positive, ranks, scans)
            area += share * float(np.average(won[positive], weights=scans[positive]))
            for chosen in (positive, ~positive):
                influence += share * _class_influence(
                    won[chosen], cell.participants[chosen], scans[chosen], people
                )
    return area, influence


def placements(
    positive: Positives, ranks: Scores, shares: Scores | None = None
) -> Scores:
    """Compute the structural components: the share of the other class each scan beats.

    In the time of a sort. A tie is half. The mean over either class is the AUC.

    Args:
        positive: Whether each scan is positive.
        ranks: Score of each scan, or its rank.
        shares: Weight of each scan; all alike when None.

    Example:
        >>> placements(np.array([True, True, False]), np.array([3.0, 1.0, 2.0]))
        array([1. , 0. , 0.5])
    """
    scans = np.ones(len(ranks)) if shares is None else shares
    won = np.empty(len(ranks))
    for chosen in (positive, ~positive):
        share = beaten(ranks[chosen], ranks[~chosen], scans[~chosen])
        won[chosen] = share if chosen is positive else 1 - share
    return won


def _class_influence(
    won: Scores, participants: ParticipantIndex, shares: Scores, people: int
) -> Influence:
    """Share the deviations of one class out among its participants; NaN for one."""
    mean = np.average(won, weights=shares)
    deviation = np.bincount(
        participants, shares * (won - mean) / shares.sum(), minlength=people
    )
    count = len(np.unique(participants))
    # The sample variance divides by n - 1.
    factor = np.sqrt(count / (count - 1)) if count > 1 else np.nan
    influence: Influence = deviation * factor
    return influence
