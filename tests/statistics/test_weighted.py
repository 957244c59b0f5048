"""Metrics over folds, many weightings at once, against scikit-learn and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_score,
    roc_auc_score,
)

from crosswarp.statistics import draws
from crosswarp.statistics.cells import Cell
from crosswarp.statistics.draws import BLOCK
from crosswarp.statistics.metrics import cell_metrics
from crosswarp.statistics.weighted import pooled_metrics, within_fold_auc
from tests.evaluation.made_predictions import cell, random_cells, uneven_cells

ONCE = np.ones((1, 40))


def auc(*cells: object) -> float:
    return float(within_fold_auc(list(cells), ONCE)[0])  # type: ignore[arg-type]


def test_only_pairs_within_a_fold_count() -> None:
    # Each fold ranks its own pair rightly; across folds 0.4 (AD) is below 0.6 (CN).
    low = cell([1, 0], [0.4, 0.1])
    high = cell([1, 0], [0.9, 0.6], fold=1, first=2)
    assert auc(low, high) == 1
    naive = roc_auc_score([1, 0, 1, 0], [0.4, 0.1, 0.9, 0.6])
    assert naive == 0.75


def test_folds_count_by_their_pairs() -> None:
    # Four pairs, all right; one pair, wrong.
    large = cell([1, 1, 0, 0], [0.9, 0.8, 0.2, 0.1])
    small = cell([1, 0], [0.1, 0.9], fold=1, first=4)
    assert auc(large, small) == pytest.approx(4 / 5)


def test_fold_of_one_class_adds_no_pair() -> None:
    pair = cell([1, 0], [0.9, 0.1])
    alone = cell([1, 1], [0.1, 0.2], fold=1, first=2)
    assert auc(pair, alone) == 1


def test_repeats_are_averaged() -> None:
    right = cell([1, 0], [0.9, 0.1])
    wrong = cell([1, 0], [0.1, 0.9])
    object.__setattr__(wrong, "repeat", 1)
    assert auc(right, wrong) == 0.5


@pytest.mark.parametrize("classes", [2, 3])
def test_one_cell_agrees_with_scikit_learn(classes: int) -> None:
    cells = random_cells(np.random.default_rng(2), (23,), classes)
    pooled = pooled_metrics(cells, np.ones((1, 23)))
    expected = cell_metrics(cells[0])
    for name, values in pooled.items():
        assert values[0] == pytest.approx(expected[name], abs=1e-12), name
    assert {n for n, v in expected.items() if v is not None} == set(pooled)


def test_weights_are_scikit_learns_sample_weights() -> None:
    rng = np.random.default_rng(8)
    (one,) = random_cells(rng, (31,))
    weights = rng.integers(0, 4, (3, 31)).astype(float)
    pooled = pooled_metrics([one], weights)
    score = one.probabilities[:, 1]
    for draw, weight in enumerate(weights):
        given_weight = {"sample_weight": weight}
        expected = {
            "roc_auc": roc_auc_score(one.truth, score, **given_weight),
            "pr_auc": average_precision_score(one.truth, score, **given_weight),
            "accuracy": accuracy_score(one.truth, one.decided, **given_weight),
            "balanced_accuracy": balanced_accuracy_score(
                one.truth, one.decided, **given_weight
            ),
            "precision": precision_score(one.truth, one.decided, **given_weight),
            "macro_f1": f1_score(
                one.truth, one.decided, average="macro", **given_weight
            ),
            "brier": brier_score_loss(one.truth, score, **given_weight),
            "log_loss": log_loss(one.truth, one.probabilities, **given_weight),
        }
        for name, value in expected.items():
            assert pooled[name][draw] == pytest.approx(value, abs=1e-12), name


def test_decisions_pool_scans_over_folds() -> None:
    rng = np.random.default_rng(1)
    cells = random_cells(rng)
    pooled = pooled_metrics(cells, np.ones((1, 34)))
    truth = np.concatenate([c.truth for c in cells])
    decided = np.concatenate([c.decided for c in cells])
    assert pooled["accuracy"][0] == pytest.approx(accuracy_score(truth, decided))
    assert pooled["sensitivity"][0] == pytest.approx(decided[truth == 1].mean())
    assert pooled["specificity"][0] == pytest.approx(1 - decided[truth == 0].mean())


def test_draw_without_positives_is_not_defined() -> None:
    one = cell([1, 0, 0], [0.9, 0.2, 0.6])
    pooled = pooled_metrics([one], np.array([[0.0, 1.0, 1.0]]))
    assert np.isnan(pooled["roc_auc"]).all()
    assert np.isnan(pooled["sensitivity"]).all()
    assert pooled["specificity"][0] == 0.5
    assert pooled["balanced_accuracy"][0] == 0.5


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("block", [BLOCK, 100], ids=["one block", "many blocks"])
def test_sorted_pairs_are_all_pairs(
    classes: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ties, participants with several scans and folds of one class, pair by pair."""
    monkeypatch.setattr(draws, "BLOCK", block)
    rng = np.random.default_rng(5)
    cells = uneven_cells(rng, classes)
    weights = rng.integers(0, 4, (12, 34)).astype(float)
    weights[1] = 0
    found = pooled_metrics(cells, weights)
    np.testing.assert_allclose(found["roc_auc"], all_pairs(cells, weights), atol=1e-12)
    np.testing.assert_array_equal(found["roc_auc"], within_fold_auc(cells, weights))
    assert np.isnan(found["roc_auc"][1])
    for name, value in by_scan(cells, weights).items():
        np.testing.assert_allclose(found[name], value, atol=1e-12, err_msg=name)


def all_pairs(cells: list[Cell], weights: np.ndarray) -> np.ndarray:
    """Compare each positive with each negative scan of a fold; a tie is half a win."""
    won: dict[tuple[int, int], np.ndarray] = {}
    pairs: dict[tuple[int, int], np.ndarray] = {}
    for one in cells:
        scans = one.weighted(weights)
        for question, (positive, score) in enumerate(one.problems()):
            wins = score[positive][:, None] - score[~positive][None, :]
            up, down = scans[:, positive], scans[:, ~positive]
            right = ((up @ ((np.sign(wins) + 1) / 2)) * down).sum(axis=1)
            key = (one.repeat, question)
            won[key] = won.get(key, 0) + right
            pairs[key] = pairs.get(key, 0) + up.sum(axis=1) * down.sum(axis=1)
    areas: dict[int, list[np.ndarray]] = {0: [], 1: []}
    with np.errstate(invalid="ignore"):
        for key, right in won.items():
            areas[key[0]].append(right / pairs[key])
    return np.mean([mean_known(found) for found in areas.values()], axis=0)


def by_scan(cells: list[Cell], weights: np.ndarray) -> dict[str, np.ndarray]:
    """Average over a table of draws by scans: what decisions and probabilities give."""
    found: dict[str, list[np.ndarray]] = {"accuracy": [], "log_loss": [], "pr_auc": []}
    for repeat in (0, 1):
        members = [one for one in cells if one.repeat == repeat]
        scans = np.hstack([one.weighted(weights) for one in members])
        right = np.concatenate([one.truth == one.decided for one in members])
        given = np.concatenate([of_truth(one) for one in members])
        with np.errstate(invalid="ignore"):
            found["accuracy"].append(scans @ right / scans.sum(axis=1))
            found["log_loss"].append(scans @ -np.log(given) / scans.sum(axis=1))
        found["pr_auc"].append(
            mean_known(
                [
                    average_precisions(positive, score, one.weighted(weights))
                    for one in members
                    if one.has_all_classes
                    for positive, score in one.problems()
                ]
            )
        )
    return {name: mean_known(values) for name, values in found.items()}


def of_truth(one: Cell) -> np.ndarray:
    return one.probabilities[np.arange(len(one.truth)), one.truth]


def average_precisions(
    positive: np.ndarray, score: np.ndarray, scans: np.ndarray
) -> np.ndarray:
    return np.array(
        [
            average_precision_score(positive, score, sample_weight=weight)
            if weight[positive].sum()
            else np.nan
            for weight in scans
        ]
    )


def mean_known(values: list[np.ndarray]) -> np.ndarray:
    known = ~np.isnan(values)
    total = np.where(known, values, 0).sum(axis=0)
    return np.where(known.any(axis=0), total / known.sum(axis=0).clip(1), np.nan)


logits = arrays(np.float64, 12, elements=st.integers(-30, 30).map(lambda n: n / 10))


@settings(max_examples=40, deadline=None)
@given(logits, st.floats(0.2, 3), st.floats(-2, 2))
def test_auc_ignores_the_scale_of_each_network(
    values: np.ndarray, scale: float, shift: float
) -> None:
    truth = [0, 1] * 6
    second = cell(truth, sigmoid(values[::-1]), fold=1, first=12)
    before = auc(cell(truth, sigmoid(values)), second)
    after = auc(cell(truth, sigmoid(scale * values + shift)), second)
    assert after == before


@settings(max_examples=40, deadline=None)
@given(logits)
def test_reversed_scores_give_one_minus_auc(values: np.ndarray) -> None:
    truth = [0, 0, 1] * 4
    assert auc(cell(truth, sigmoid(-values))) == pytest.approx(
        1 - auc(cell(truth, sigmoid(values)))
    )


@settings(max_examples=40, deadline=None)
@given(logits, st.permutations(range(12)))
def test_order_of_scans_does_not_matter(values: np.ndarray, order: list[int]) -> None:
    truth = np.array([0, 1, 1] * 4)
    before = pooled_metrics([cell(truth, sigmoid(values))], np.ones((1, 12)))
    moved = pooled_metrics(
        [cell(truth[order], sigmoid(values)[order])], np.ones((1, 12))
    )
    for name, values in before.items():
        assert moved[name][0] == pytest.approx(values[0], abs=1e-12), name


@settings(max_examples=30, deadline=None)
@given(logits, arrays(np.int64, 12, elements=st.integers(0, 3)))
def test_weighting_is_repeating(values: np.ndarray, times: np.ndarray) -> None:
    truth = np.array([0, 1] * 6)
    score = sigmoid(values)
    weighted = pooled_metrics([cell(truth, score)], times[None, :].astype(float))
    who = np.repeat(np.arange(12), times)
    if len(np.unique(truth[who])) < 2:
        return
    repeated = pooled_metrics([cell(truth[who], score[who])], np.ones((1, len(who))))
    for name, values in repeated.items():
        assert weighted[name][0] == pytest.approx(values[0], abs=1e-12), name


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(values)))
