"""Simulated studies: like the people they are drawn after."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from crosswarp.errors import InputError
from crosswarp.power.studies import (
    Group,
    Seen,
    simulate,
)
from crosswarp.statistics.cells import Cell
from crosswarp.statistics.delong import delong
from crosswarp.statistics.resampled_t import fold_differences
from crosswarp.statistics.weighted import within_fold_auc
from tests.evaluation.made_predictions import cell, random_cells
from tests.statistics.test_comparison import simulated


def binormal(count: int = 400, distance: float = 1.5, correlation: float = 0.6) -> Seen:
    rng = np.random.default_rng(3)
    covariance = [[1, correlation], [correlation, 1]]
    groups = [
        rng.multivariate_normal([mean, mean], covariance, count).T
        for mean in (distance, 0)
    ]
    return Seen(*groups)


def test_smoothing_keeps_mean_and_covariance() -> None:
    seen = binormal(60)
    drawn = Group.of(seen.positive).drawn(1, 200_000, np.random.default_rng(0))[:, 0]
    mean = seen.positive.mean(axis=1)
    np.testing.assert_allclose(drawn.mean(axis=1), mean, atol=0.01)
    expected = np.cov(seen.positive, bias=True)
    np.testing.assert_allclose(np.cov(drawn), expected, atol=0.02)


def test_auc_is_exact() -> None:
    people = binormal().population()
    assert people.auc(0) == pytest.approx(norm.cdf(1.5 / np.sqrt(2)), abs=0.02)
    rng = np.random.default_rng(1)
    up = people.positive.drawn(1, 40_000, rng)[0, 0]
    down = people.negative.drawn(1, 40_000, rng)[0, 0]
    truth = np.repeat([1, 0], 40_000)
    drawn = roc_auc_score(truth, np.r_[up, down])
    assert people.auc(0) == pytest.approx(drawn, abs=0.004)


@pytest.mark.parametrize("difference", [0.02, 0.1])
def test_shift_gives_the_difference_asked_about(difference: float) -> None:
    people = binormal(50).population().shifted(difference)
    assert people.auc(0) - people.auc(1) == pytest.approx(difference, abs=1e-9)
    found = simulate(people, 400, 5, 500, np.random.default_rng(2))
    error = found.difference.std() / np.sqrt(500)
    assert abs(found.difference.mean() - difference) < 4 * error


def test_no_room_is_refused() -> None:
    with pytest.raises(InputError, match=r"leaves no room for a difference of 0.3"):
        binormal().population().shifted(0.3)


def test_simulated_studies_are_compared_as_real_ones_are() -> None:
    people = binormal(30).population()
    found = simulate(people, 60, 3, 1, np.random.default_rng(7))
    rng = np.random.default_rng(7)
    up, down = people.positive.drawn(1, 30, rng), people.negative.drawn(1, 30, rng)
    models: tuple[list[Cell], list[Cell]] = ([], [])
    for fold in range(3):
        for row, cells in enumerate(models):
            scores = np.r_[up[row, 0, fold::3], down[row, 0, fold::3]]
            truth = [1] * 10 + [0] * 10
            cells.append(
                cell(truth, 1 / (1 + np.exp(-scores)), fold=fold, first=20 * fold)
            )
    expected = delong(*models, 60)
    assert expected is not None
    assert expected.auc.high is not None
    assert found.difference[0] == pytest.approx(expected.auc.value)
    reach = expected.auc.high - expected.auc.value
    error = np.sqrt(found.of_people[0])
    assert error * 1.959964 == pytest.approx(reach, rel=1e-5)
    (folds,) = fold_differences(*models)
    assert found.between[0] == pytest.approx(np.var(folds, ddof=1))


def test_batches_add_up_to_all_studies() -> None:
    people = binormal(30).population()
    found = simulate(people, 50_000, 2, 5, np.random.default_rng(0))
    assert found.difference.shape == (5,)


def test_people_of_a_run_keep_their_order_and_number() -> None:
    model, reference = simulated(np.random.default_rng(4), 2.0, 1.0)
    seen = Seen.of(model, reference)
    assert seen.positive.shape == seen.negative.shape == (2, 60)
    # All folds have one scale now, so pooled and within-fold AUC nearly agree.
    truth = np.repeat([1, 0], 60)
    for row, cells in enumerate((model, reference)):
        pooled = roc_auc_score(truth, np.r_[seen.positive[row], seen.negative[row]])
        within = within_fold_auc(cells, np.ones((1, 120)))[0]
        assert pooled == pytest.approx(within, abs=0.02)
    # They share half of their variance.
    assert seen.correlation == pytest.approx(0.5, abs=0.15)


def test_a_second_repeat_or_session_is_nobody_new() -> None:
    model, reference = simulated(np.random.default_rng(4), 2.0, 1.0)
    again = [Cell(1, *vars_of(c)) for c in model]
    once = Seen.of(model, reference)
    twice = Seen.of([*model, *again], [*reference, *again])
    np.testing.assert_array_equal(once.positive, twice.positive)
    doubled = [
        Cell(
            0,
            c.fold,
            np.tile(c.participants, 2),
            np.tile(c.truth, 2),
            np.tile(c.probabilities, (2, 1)),
            c.threshold,
        )
        for c in model
    ]
    assert Seen.of(doubled, doubled).positive.shape == (2, 60)


def vars_of(one: Cell) -> tuple[object, ...]:
    return (one.fold, one.participants, one.truth, one.probabilities, one.threshold)


def test_what_cannot_be_drawn_after_is_refused() -> None:
    three = random_cells(np.random.default_rng(0), (40,), classes=3)
    with pytest.raises(InputError, match="for two classes, these predictions have 3"):
        Seen.of(three, three)
    few = [cell([0] * 30 + [1] * 9, np.linspace(0.1, 0.9, 39))]
    with pytest.raises(InputError, match=r"needs 10 participants .* got 9 and 30"):
        Seen.of(few, few)
    alone = [cell([1] * 30, np.linspace(0.1, 0.9, 30))]
    with pytest.raises(InputError, match="got 0 and 0"):
        Seen.of(alone, alone)


def test_redrawing_keeps_pairs_and_numbers() -> None:
    seen = binormal(20)
    again = seen.redrawn(np.random.default_rng(0))
    assert again.positive.shape == (2, 20)
    pairs = {tuple(pair) for pair in seen.positive.T}
    assert all(tuple(pair) in pairs for pair in again.positive.T)
    assert len({tuple(pair) for pair in again.positive.T}) < 20


def test_smallest_study_has_two_of_each_in_every_fold() -> None:
    rng = np.random.default_rng(0)
    people = Seen(rng.normal(size=(2, 10)), rng.normal(size=(2, 30))).population()
    least = people.least(5)
    share = round(least * people.positive.count / people.size)
    assert share >= 10
    assert np.isfinite(simulate(people, least, 5, 3, rng).of_people).all()
