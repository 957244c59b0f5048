"""Metrics of a cell, by hand."""

import numpy as np
import pytest

from crosswarp.statistics.curves import cell_curve
from crosswarp.statistics.metrics import NAMES, cell_metrics
from tests.evaluation.made_predictions import cell, random_cells


def test_metrics_computed_by_hand() -> None:
    # Pairs (positive, negative): 0.9 beats all three, 0.6 beats two, 0.2 beats one.
    found = cell_metrics(cell([1, 1, 1, 0, 0, 0], [0.9, 0.6, 0.2, 0.7, 0.3, 0.1]))
    assert set(found) == set(NAMES)
    assert found["roc_auc"] == pytest.approx(6 / 9)
    # Ranked: + - + - + -, so precision is 1, 2/3 and 3/5 at the positives.
    assert found["pr_auc"] == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)
    assert found["sensitivity"] == pytest.approx(2 / 3)
    assert found["specificity"] == pytest.approx(2 / 3)
    assert found["precision"] == found["recall"] == pytest.approx(2 / 3)
    assert found["accuracy"] == found["balanced_accuracy"] == pytest.approx(2 / 3)
    assert found["macro_f1"] == pytest.approx(2 / 3)
    squares = [0.01, 0.16, 0.64, 0.49, 0.09, 0.01]
    assert found["brier"] == pytest.approx(sum(squares) / 6)
    right = [0.9, 0.6, 0.2, 0.3, 0.7, 0.9]
    assert found["log_loss"] == pytest.approx(-np.log(right).mean())


def test_ties_count_half() -> None:
    assert cell_metrics(cell([1, 0], [0.5, 0.5]))["roc_auc"] == 0.5


def test_cell_of_one_class_has_no_area_but_decisions() -> None:
    found = cell_metrics(cell([1, 1], [0.9, 0.2]))
    assert found["roc_auc"] is None
    assert found["pr_auc"] is None
    assert found["specificity"] is None
    assert found["sensitivity"] == found["balanced_accuracy"] == 0.5
    assert cell_curve(cell([1, 1], [0.9, 0.2])) is None


def test_three_classes_have_one_against_the_rest() -> None:
    (three,) = random_cells(np.random.default_rng(0), sizes=(12,), classes=3)
    found = cell_metrics(three)
    assert 0.5 < (found["roc_auc"] or 0) < 1
    assert found["sensitivity"] is found["specificity"] is None
    assert found["recall"] == found["balanced_accuracy"]
    assert cell_curve(three) is None
