"""Paired comparison: by hand, by symmetry, and its error rates by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswarp.statistics import draws
from crosswarp.statistics.cells import Cell, People
from crosswarp.statistics.comparison import (
    Difference,
    exchanged_difference,
    holm,
    paired_bootstrap,
    permutation_p,
    permutations_for,
)
from crosswarp.statistics.intervals import Estimate, participant_weights
from crosswarp.statistics.weighted import within_fold_auc
from tests.evaluation.made_predictions import cell, random_cells, uneven_cells

PEOPLE = 34


def two_models(classes: int = 2) -> tuple[list[Cell], list[Cell]]:
    rng = np.random.default_rng(6)
    return random_cells(rng, classes=classes), random_cells(rng, classes=classes)


@pytest.mark.parametrize("classes", [2, 3])
def test_no_exchange_is_the_difference_and_all_exchanged_its_negative(
    classes: int,
) -> None:
    model, reference = two_models(classes)
    once = np.ones((1, PEOPLE))
    observed = within_fold_auc(model, once) - within_fold_auc(reference, once)
    exchanged = np.vstack([np.zeros(PEOPLE), np.ones(PEOPLE)])
    found = exchanged_difference(model, reference, exchanged)
    np.testing.assert_allclose(found, [observed[0], -observed[0]], atol=1e-12)


def test_exchange_agrees_with_exchanging_the_ranks() -> None:
    model, reference = two_models()
    exchanged = np.random.default_rng(1).integers(0, 2, (4, PEOPLE)).astype(float)
    found = exchanged_difference(model, reference, exchanged)
    for row, choice in enumerate(exchanged):
        won, pairs = 0.0, 0
        for one, other in zip(model, reference, strict=True):
            ((positive, a),), ((_, b),) = one.problems(), other.problems()
            moved = choice[one.participants] == 1
            for scores, sign in (
                (np.where(moved, b, a), 1),
                (np.where(moved, a, b), -1),
            ):
                up, down = scores[positive][:, None], scores[~positive][None, :]
                won += sign * ((up > down).sum() + 0.5 * (up == down).sum())
            pairs += int(positive.sum() * (~positive).sum())
        assert found[row] == pytest.approx(won / pairs)


@pytest.mark.parametrize("classes", [2, 3])
def test_exchange_agrees_with_a_table_of_all_pairs(classes: int) -> None:
    """Ties, participants with several scans, and folds of one class."""
    rng = np.random.default_rng(12)
    model, reference = uneven_cells(rng, classes), uneven_cells(rng, classes)
    exchanged = rng.integers(0, 2, (20, PEOPLE)).astype(float)
    won: dict[tuple[int, int], np.ndarray] = {}
    pairs: dict[tuple[int, int], float] = {}
    for one, other in zip(model, reference, strict=True):
        z = exchanged[:, one.participants]
        both = zip(one.problems(), other.problems(), strict=True)
        for question, ((positive, a), (_, b)) in enumerate(both):
            counted = np.outer(one.shares[positive], one.shares[~positive])
            same = (wins(a, a, positive) - wins(b, b, positive)) * counted
            across = (wins(a, b, positive) - wins(b, a, positive)) * counted
            key = (one.repeat, question)
            won[key] = won.get(key, 0) + (
                same.sum()
                - z[:, positive] @ (same + across).sum(axis=1)
                + z[:, ~positive] @ (across - same).sum(axis=0)
            )
            pairs[key] = pairs.get(key, 0) + counted.sum()
    expected = np.mean([won[key] / pairs[key] for key in won if pairs[key]], axis=0)
    found = exchanged_difference(model, reference, exchanged)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def wins(up: np.ndarray, down: np.ndarray, positive: np.ndarray) -> np.ndarray:
    return (np.sign(up[positive][:, None] - down[~positive][None, :]) + 1) / 2


def test_exchanges_in_blocks_are_those_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model, reference = two_models()
    at_once = permutation_p(model, reference, PEOPLE, seed=3, permutations=500)
    monkeypatch.setattr(draws, "BLOCK", 7 * PEOPLE)
    in_blocks = permutation_p(model, reference, PEOPLE, seed=3, permutations=500)
    drawn = np.random.default_rng(3).integers(0, 2, (500, PEOPLE)).astype(float)
    null = np.abs(exchanged_difference(model, reference, drawn))
    once = np.ones((1, PEOPLE))
    seen = within_fold_auc(model, once) - within_fold_auc(reference, once)
    p = (1 + (null >= abs(seen[0]) - 1e-12).sum()) / 501
    assert at_once == in_blocks == p
    assert 0.01 < p < 1


def test_model_does_not_differ_from_itself() -> None:
    model, _ = two_models()
    found = paired_bootstrap(model, model, weights(PEOPLE))
    # It does not vary, so it has no interval.
    assert found == Difference(Estimate(0.0, None, None), 1.0)
    assert permutation_p(model, model, PEOPLE, seed=0, permutations=99) == 1


def test_comparison_is_antisymmetric() -> None:
    model, reference = two_models()
    there = paired_bootstrap(model, reference, weights(PEOPLE))
    back = paired_bootstrap(reference, model, weights(PEOPLE))
    once, again = (
        permutation_p(*pair, PEOPLE, seed=0)
        for pair in ((model, reference), (reference, model))
    )
    assert once == again
    assert there is not None
    assert back is not None
    assert there.auc.value == pytest.approx(-back.auc.value)
    assert there.auc.low == pytest.approx(-back.auc.high)  # type: ignore[operator]
    assert there.p == back.p


def test_folds_of_one_class_cannot_be_compared() -> None:
    alone = [cell([1, 1], [0.9, 0.1])]
    assert paired_bootstrap(alone, alone, np.ones((50, 2))) is None
    assert permutation_p(alone, alone, 2, seed=0) is None


def test_difference_that_is_the_same_in_every_draw_is_not_tested() -> None:
    model = [cell([0, 1], [0.1, 0.9])]
    reference = [cell([0, 1], [0.9, 0.1])]
    assert paired_bootstrap(model, reference, np.ones((100, 2))) is None
    # Nor is one of which too few draws are known.
    assert paired_bootstrap(model, model, np.ones((20, 2))) is None


def test_bootstrap_p_is_below_five_percent_just_where_the_interval_leaves_out_0() -> (
    None
):
    """A property: many studies, with draws as few as allowed and as many as usual."""
    rng = np.random.default_rng(8)
    outside = 0
    for study in range(150):
        model, reference = simulated(rng, 1.0 + 0.01 * study, 1.0)
        drawn = weights(120, resamples=(100, 199, 400)[study % 3])
        found = paired_bootstrap(model[:2], reference[:2], drawn)
        assert found is not None
        assert found.auc.low is not None
        assert found.auc.high is not None
        beyond = not found.auc.low <= 0 <= found.auc.high
        assert beyond == (found.p < 0.05)
        outside += beyond
    assert 10 < outside < 140


@pytest.mark.parametrize("comparisons", [1, 19, 60, 300])
def test_permutations_resolve_the_tail_of_the_family(comparisons: int) -> None:
    smallest = 1 / (1 + permutations_for(comparisons))
    assert smallest * comparisons < 0.05 / 10


def test_repeats_of_different_size_are_averaged() -> None:
    model = [cell([1, 0], [0.9, 0.1]), cell([1, 1, 0], [0.9, 0.1, 0.5])]
    reference = [cell([1, 0], [0.1, 0.9]), cell([1, 1, 0], [0.9, 0.8, 0.5])]
    for cells in (model, reference):
        object.__setattr__(cells[1], "repeat", 1)
    # Repeat 0: 1 - 0; repeat 1: 1/2 - 1.
    found = exchanged_difference(model, reference, np.zeros((1, 3)))
    assert found[0] == pytest.approx((1 - 0.5) / 2)


@pytest.mark.parametrize(
    ("given_p", "adjusted"),
    [
        ([], []),
        ([0.2], [0.2]),
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.5, 0.9], [1.0, 1.0]),
    ],
)
def test_holm_by_hand(given_p: list[float], adjusted: list[float]) -> None:
    assert holm(given_p) == pytest.approx(adjusted)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_raw_and_bonferroni(values: list[float]) -> None:
    for raw, adjusted in zip(values, holm(values), strict=True):
        assert raw <= adjusted <= min(1.0, len(values) * raw) + 1e-12


@pytest.mark.slow
@pytest.mark.parametrize(
    ("strengths", "least", "most"),
    [((1.0, 1.0), 0.02, 0.085), ((2.2, 1.0), 0.80, 1.0)],
    ids=["false positives at 5 %", "power"],
)
def test_error_rates_by_simulation(
    strengths: tuple[float, float], least: float, most: float
) -> None:
    """300 studies of 5 folds of 24: a rate of 5 % has a standard error of 1.3."""
    rng = np.random.default_rng(23)
    p_values = []
    for study in range(300):
        model, reference = simulated(rng, *strengths)
        p_values.append(
            permutation_p(model, reference, 120, seed=study, permutations=299)
        )
    assert least <= np.mean(np.array(p_values) <= 0.05) <= most


def simulated(
    rng: np.random.Generator, strength: float, reference: float
) -> tuple[list[Cell], list[Cell]]:
    """Two models that share half of what they see of a person, each its own scale."""
    models: tuple[list[Cell], list[Cell]] = ([], [])
    for fold in range(5):
        truth = np.arange(24) % 2
        shared = rng.normal(size=24)
        for cells, effect, scale in zip(
            models, (strength, reference), (0.5 + fold, 1.0), strict=True
        ):
            noise = (shared + rng.normal(size=24)) / np.sqrt(2)
            score = scale * (effect * truth + noise) + fold
            probability = 1 / (1 + np.exp(-score))
            cells.append(cell(truth, probability, fold=fold, first=24 * fold))
    return models


def weights(people: int, resamples: int = 200) -> np.ndarray:
    half = people // 2
    strata = ("x",) * half + ("y",) * (people - half)
    return participant_weights(
        People(tuple(map(str, range(people))), strata), resamples, seed=0
    )
