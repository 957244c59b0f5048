"""Paired comparison of models that scored the same scans in the same folds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crosswarp.statistics.cells import Cell
from crosswarp.statistics.draws import blocks_of
from crosswarp.statistics.intervals import (
    FEWEST_DRAWS,
    LEVEL,
    Estimate,
)
from crosswarp.statistics.weighted import beaten, within_fold_auc
from crosswarp.types.scores import (
    Draws,
    Influence,
    ParticipantWeights,
    Positives,
    Scores,
)

PERMUTATIONS = 2000
"""Exchanges drawn, at least."""

PER_COMPARISON = 400
"""Exchanges for each comparison of a family: the smallest p that they can give stays
below a tenth of 0.05 after Holm's correction."""


NO_VARIANCE = 1e-24
"""A variance below this is rounding: such a difference has no interval."""


@dataclass(frozen=True)
class Difference:
    """AUC of a model minus AUC of the reference, with interval and p of one test.

    Attributes:
        auc: The difference; above 0 the model is the better one. Its interval leaves
            out 0 if and only if p is below 0.05.
        p: Two-sided p value.
    """

    auc: Estimate
    p: float


def with_error(difference: float, error: float, reach: float, p: float) -> Difference:
    """Give a difference the interval ``reach`` standard errors to either side.

    It ends at -1 and 1, beyond which no difference of two areas lies.
    """
    low, high = difference - reach * error, difference + reach * error
    return Difference(Estimate(difference, max(low, -1.0), min(high, 1.0)), p)


def without_variance(difference: float) -> Difference | None:
    """Word a difference that does not vary: no interval, and p only where it is 0.

    Two models with the same ranks do not differ (p 1). A difference that is the same in
    everyone cannot be tested: None.
    """
    if abs(difference) < np.sqrt(NO_VARIANCE):
        return Difference(Estimate(0.0, None, None), 1.0)
    return None


def paired_bootstrap(
    cells: Sequence[Cell],
    reference: Sequence[Cell],
    weights: ParticipantWeights,
    areas: tuple[Draws, Draws] | None = None,
) -> Difference | None:
    """Compare a model with a reference by a bootstrap over participants.

    Both models are weighted alike in each draw. The p value is twice the smaller share
    of draws on either side of 0, the draw itself counted; the interval holds the
    differences that this p would not reject at 5 %, which makes it the percentile
    interval. The networks are taken as they are.

    Args:
        cells: Cells of the model, sorted as the reference's.
        reference: Cells of the model compared with.
        weights: Weights as `participant_weights` returns them.
        areas: Both models' areas within folds of each draw, where they are known
            already; computed when None.

    Returns:
        None when no fold has two classes, or when participants cannot vary; see
        `intervals.participant_weights`.

    References:
        Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapters 13, 15.
    """
    of_model, of_reference = areas or (
        within_fold_auc(cells, weights),
        within_fold_auc(reference, weights),
    )
    drawn = of_model - of_reference
    # Ties are ties in every formula: no rounding of the last digits beside 0.
    drawn = drawn.round(12)
    value, resampled = float(drawn[0]), np.sort(drawn[1:][~np.isnan(drawn[1:])])
    if np.isnan(value) or len(resampled) < FEWEST_DRAWS:
        return None
    if np.ptp(resampled) == 0:
        return without_variance(value)
    count = len(resampled)
    smaller = min((resampled <= 0).sum(), (resampled >= 0).sum())
    p = min(1.0, 2 * (1 + float(smaller)) / (1 + count))
    # The fewest draws on one side of a difference with which p is not below 5 %.
    least = int(np.ceil((1 - LEVEL) / 2 * (1 + count) - 1e-9)) - 1
    low, high = resampled[least - 1], resampled[count - least]
    return Difference(Estimate(value, float(low), float(high)), p)


def permutation_p(
    cells: Sequence[Cell],
    reference: Sequence[Cell],
    people: int,
    seed: int,
    permutations: int = PERMUTATIONS,
) -> float | None:
    """Test whether two models rank these people alike.

    The models' ranks of a participant, in all scans and repeats at once, change places
    with probability one half, after Bandos et al. The networks are taken as they
    are. The test has no interval.

    Args:
        cells: Cells of the model, sorted as the reference's.
        reference: Cells of the model compared with.
        people: Participants of the run.
        seed: Of the exchanges.
        permutations: Exchanges drawn; p is never below 1 / (1 + permutations).

    Returns:
        Two-sided p; None when no fold has two classes.

    References:
        Bandos, Rockette & Gur (2005), A permutation test sensitive to differences in
        areas for comparing ROC curves from a paired design. Statistics in Medicine
        24, 2873-2893.
    """
    once = np.ones((1, people))
    found = within_fold_auc(cells, once) - within_fold_auc(reference, once)
    if np.isnan(found[0]):
        return None
    generator = np.random.default_rng(seed)
    observed, terms = _exchange_terms(cells, reference, people)
    extreme = 0
    for block in blocks_of(permutations, people):
        rows = block.stop - block.start
        exchanged = generator.integers(0, 2, (rows, people)).astype(float)
        null = observed + exchanged @ terms
        extreme += int((np.abs(null) >= np.abs(found[0]) - 1e-12).sum())
    return (1 + extreme) / (1 + permutations)


def permutations_for(comparisons: int) -> int:
    """Choose how many exchanges resolve the tail that Holm's correction asks about.

    Example:
        >>> permutations_for(1), permutations_for(20)
        (2000, 8000)
    """
    return max(PERMUTATIONS, PER_COMPARISON * comparisons)


def exchanged_difference(
    cells: Sequence[Cell], reference: Sequence[Cell], exchanged: ParticipantWeights
) -> Draws:
    """Compute the difference in AUC after exchanging the models for some people.

    Args:
        cells: Of the model.
        reference: Of the reference.
        exchanged: 1 where a participant's ranks change places, else 0.

    Returns:
        One difference a row of ``exchanged``: all 0 gives the observed one, all 1
        its negative.
    """
    observed, terms = _exchange_terms(cells, reference, exchanged.shape[1])
    difference: Draws = observed + exchanged @ terms
    return difference


def _exchange_terms(
    cells: Sequence[Cell], reference: Sequence[Cell], people: int
) -> tuple[float, Influence]:
    """Compute the difference in AUC, and what the exchange of each person adds to it.

    With z = 1 for an exchanged scan, a pair (i, j) adds
    ``(1 - z_i - z_j) same_ij + (z_j - z_i) across_ij``: the products of z_i and z_j
    cancel between the two models, so the sum over pairs is linear in z.
    """
    won: dict[tuple[int, int], Influence] = {}
    pairs: dict[tuple[int, int], float] = {}
    for cell, other in zip(cells, reference, strict=True):
        shares = cell.shares
        problems = zip(cell.problems(), other.problems(), strict=True)
        for question, ((positive, ranks), (_, other_ranks)) in enumerate(problems):
            if positive.all() or not positive.any():
                continue
            key = (cell.repeat, question)
            observed, terms = _scan_terms(positive, ranks, other_ranks, shares)
            added = np.bincount(cell.participants, terms, minlength=people)
            won[key] = won.get(key, 0.0) + np.append(added, observed)
            count = shares[positive].sum() * shares[~positive].sum()
            pairs[key] = pairs.get(key, 0.0) + float(count)
    mean = np.mean([won[key] / pairs[key] for key in won], axis=0)
    return float(mean[-1]), mean[:-1]


def _scan_terms(
    positive: Positives, ranks: Scores, other: Scores, shares: Scores
) -> tuple[float, Scores]:
    """Count the model's wins less the reference's, and what each exchanged scan adds.

    Each pair counts the product of its scans' shares. Sums over pairs are those of the
    shares of the other class that a scan beats, within a model and across both.
    """
    terms = np.empty(len(ranks))
    observed = 0.0
    for sign, chosen in ((-1, positive), (1, ~positive)):
        rest = ~chosen
        weights = shares[rest]
        same = beaten(ranks[chosen], ranks[rest], weights) - beaten(
            other[chosen], other[rest], weights
        )
        across = beaten(ranks[chosen], other[rest], weights) - beaten(
            other[chosen], ranks[rest], weights
        )
        pairs = shares[chosen] * weights.sum()
        terms[chosen] = sign * pairs * (same + across)
        if chosen is positive:
            observed = float(pairs @ same)
    return observed, terms


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p values for a family of tests, Holm's step-down method.

    References:
        Holm (1979), A simple sequentially rejective multiple test procedure.
        Scandinavian Journal of Statistics 6, 65-70.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    factors = len(p_values) - np.arange(len(p_values))
    stepped = np.maximum.accumulate(np.asarray(p_values)[order] * factors)
    adjusted = np.empty(len(p_values))
    adjusted[order] = stepped.clip(max=1.0)
    return [float(value) for value in adjusted]
