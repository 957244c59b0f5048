"""ROC and precision-recall curves, by hand and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from crosswarp.statistics.curves import (
    GRID,
    cell_curve,
    cell_precision_recall,
    mean_curves,
)
from tests.evaluation.made_predictions import cell, random_cells


def test_curve_has_the_corners_of_the_scores() -> None:
    curve = cell_curve(cell([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1]))
    assert curve is not None
    assert curve.false_positive_rate == [0, 0, 0.5, 0.5, 1]
    assert curve.true_positive_rate == [0, 0.5, 0.5, 1, 1]


def test_precision_steps_down_with_recall() -> None:
    curve = cell_precision_recall(cell([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1]))
    assert curve is not None
    assert curve.recall == [1, 1, 0.5, 0.5, 0]
    assert curve.precision == pytest.approx([0.5, 2 / 3, 0.5, 1, 1])


def test_cell_of_one_class_and_three_classes_have_no_curve() -> None:
    alone = cell([1, 1], [0.9, 0.2])
    (three,) = random_cells(np.random.default_rng(0), sizes=(12,), classes=3)
    for one in (alone, three):
        assert cell_curve(one) is None
        assert cell_precision_recall(one) is None
    assert mean_curves([alone, three], np.ones((3, 12))) == (None, None)


def test_mean_curve_is_vertical() -> None:
    # One network is perfect, the other ties all its scans.
    perfect = cell([1, 0], [0.9, 0.1])
    chance = cell([1, 0], [0.5, 0.5], fold=1, first=2)
    roc, precision = mean_curves([perfect, chance], np.ones((3, 4)))
    assert roc is not None
    assert precision is not None
    heights = roc.true_positive_rate
    assert roc.false_positive_rate[50] == 0.5
    assert heights[50] == pytest.approx((1 + 0.5) / 2)
    assert (heights[0], heights[-1]) == (0, 1)
    assert precision.precision[30] == pytest.approx((1 + 0.5) / 2)
    assert precision.prevalence == 0.5


def test_areas_are_scikit_learns() -> None:
    (one,) = random_cells(np.random.default_rng(4), (200,))
    roc, precision = mean_curves([one], np.ones((2, 200)))
    assert roc is not None
    assert precision is not None
    area = np.trapezoid(roc.true_positive_rate, GRID)
    score = one.probabilities[:, 1]
    assert area == pytest.approx(roc_auc_score(one.truth, score), abs=0.005)
    mean = np.mean(precision.precision[1:])
    expected = average_precision_score(one.truth, score)
    assert mean == pytest.approx(expected, abs=0.01)


def test_band_weights_are_repetitions() -> None:
    (one,) = random_cells(np.random.default_rng(5), (15,))
    times = np.array([2, 1, 0, 3, 1] * 3)
    who = np.repeat(np.arange(15), times)
    repeated = cell(one.truth[who], one.probabilities[who, 1])
    drawn = mean_curves([one], np.stack([np.ones(15), times.astype(float)]))
    alone = mean_curves([repeated], np.ones((2, len(who))))
    for with_weights, expected in zip(drawn, alone, strict=True):
        assert with_weights is not None
        assert expected is not None
        assert with_weights.low == pytest.approx(expected.low)
