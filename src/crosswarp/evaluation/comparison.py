"""Paired comparison of models that scored the same scans in the same folds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crosswarp.evaluation.cells import Cell
from crosswarp.evaluation.intervals import Estimate, estimate
from crosswarp.evaluation.weighted import wins, within_fold_auc
from crosswarp.types.scores import (
    Draws,
    ParticipantWeights,
    Positives,
    ScanWeights,
    Scores,
)

PERMUTATIONS = 2000


@dataclass(frozen=True)
class Difference:
    """AUC of a model minus AUC of the reference, over pairs within a fold.

    Attributes:
        auc: The difference; above 0 the model is the better one.
        p: Two-sided, of the permutation test.
    """

    auc: Estimate
    p: float


def compare(
    cells: Sequence[Cell],
    reference: Sequence[Cell],
    weights: ParticipantWeights,
    seed: int,
    permutations: int = PERMUTATIONS,
) -> Difference | None:
    """Compare a model with a reference on the same people.

    The interval is the paired participant-level bootstrap: both models are weighted
    alike in each draw. The test exchanges the two models' ranks of a participant
    (in all scans and repeats at once) with probability one half, after Bandos et al.;
    it asks whether the models rank these people alike, and it takes the networks as
    they are.

    Args:
        cells: Of the model, sorted as the reference's.
        reference: Of the model compared with.
        weights: From `participant_weights`.
        seed: Of the exchanges.
        permutations: Exchanges drawn.

    Returns:
        None when no fold has two classes.

    References:
        Bandos, Rockette & Gur (2005), A permutation test sensitive to differences in
        areas for comparing ROC curves from a paired design. Statistics in Medicine
        24, 2873-2893.
    """
    draws = within_fold_auc(cells, weights) - within_fold_auc(reference, weights)
    found = estimate(draws)
    if found is None:
        return None
    generator = np.random.default_rng(seed)
    people = weights.shape[1]
    exchanged = generator.integers(0, 2, (permutations, people)).astype(float)
    null = exchanged_difference(cells, reference, exchanged)
    extreme = np.abs(null) >= np.abs(found.value) - 1e-12
    return Difference(found, float((1 + extreme.sum()) / (1 + permutations)))


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
    won: dict[tuple[int, int], list[Draws]] = {}
    pairs: dict[tuple[int, int], int] = {}
    for cell, other in zip(cells, reference, strict=True):
        scans = exchanged[:, cell.participants]
        problems = zip(cell.problems(), other.problems(), strict=True)
        for question, ((positive, ranks), (_, other_ranks)) in enumerate(problems):
            key = (cell.repeat, question)
            won.setdefault(key, []).append(
                _exchanged_wins(positive, ranks, other_ranks, scans)
            )
            count = int(positive.sum() * (~positive).sum())
            pairs[key] = pairs.get(key, 0) + count
    areas = [np.sum(won[key], axis=0) / count for key, count in pairs.items() if count]
    mean: Draws = np.mean(areas, axis=0)
    return mean


def _exchanged_wins(
    positive: Positives, ranks: Scores, other: Scores, exchanged: ScanWeights
) -> Draws:
    """Count the wins of the mixed model minus those of the mixed reference.

    With z = 1 for an exchanged scan, a pair (i, j) adds
    ``(1 - z_i - z_j) same_ij + (z_j - z_i) across_ij``: the products of z_i and z_j
    cancel between the two models, so the sum over pairs is linear in z.
    """
    up, down = ranks[positive], ranks[~positive]
    other_up, other_down = other[positive], other[~positive]
    same = wins(up, down) - wins(other_up, other_down)
    across = wins(up, other_down) - wins(other_up, down)
    total: Draws = (
        same.sum()
        - exchanged[:, positive] @ (same + across).sum(axis=1)
        + exchanged[:, ~positive] @ (across - same).sum(axis=0)
    )
    return total


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
