"""Each class against the rest agrees with a two-class question put by hand."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as sk

from crosswarp.statistics.by_class import by_class, one_against_rest
from crosswarp.statistics.cells import Cell
from crosswarp.statistics.curves import mean_curves
from crosswarp.statistics.metrics import cell_metrics
from crosswarp.statistics.weighted import pooled_metrics
from tests.evaluation.made_predictions import random_cells

CLASSES = ("CN", "MCI", "AD")
WEIGHTS = np.ones((4, 60))


@pytest.fixture
def cells() -> list[Cell]:
    return random_cells(np.random.default_rng(8), (30, 30), classes=3)


def test_areas_are_scikit_learns(cells: list[Cell]) -> None:
    entries = by_class(cells, CLASSES, WEIGHTS)
    assert [entry["class"] for entry in entries] == list(CLASSES)
    for index, entry in enumerate(entries):
        for cell, found in zip(cells, entry["cells"], strict=True):
            truth, score = cell.truth == index, cell.probabilities[:, index]
            auc = sk.roc_auc_score(truth, score)
            assert found["metrics"]["roc_auc"] == pytest.approx(auc)
            area = sk.average_precision_score(truth, score)
            assert found["metrics"]["pr_auc"] == pytest.approx(area)
        aucs = [found["metrics"]["roc_auc"] for found in entry["cells"]]
        assert entry["mean"]["roc_auc"] == pytest.approx(np.mean(aucs))
        assert entry["sd"]["roc_auc"] == pytest.approx(np.std(aucs, ddof=1))


def test_mean_over_classes_is_the_models(cells: list[Cell]) -> None:
    entries = by_class(cells, CLASSES, WEIGHTS)
    whole = pooled_metrics(cells, WEIGHTS)
    for name in ("roc_auc", "pr_auc"):
        mean = np.mean([entry["overall"][name]["value"] for entry in entries])
        assert mean == pytest.approx(whole[name][0])
    of_cell = cell_metrics(cells[0])["roc_auc"]
    mean = np.mean([entry["cells"][0]["metrics"]["roc_auc"] for entry in entries])
    assert mean == pytest.approx(of_cell)


def test_curves_are_those_of_a_model_of_two_classes(cells: list[Cell]) -> None:
    entry = by_class(cells, CLASSES, WEIGHTS)[1]
    asked = [one_against_rest(cell, 1) for cell in cells]
    roc, precision_recall = mean_curves(asked, WEIGHTS)
    assert entry["mean_roc"] == roc
    assert entry["mean_pr"] == precision_recall
    assert entry["cells"][1]["roc"]["true_positive_rate"][-1] == 1
    assert entry["mean_pr"].prevalence == pytest.approx(
        np.mean([cell.truth == 1 for cell in cells])
    )


def test_nearly_sure_probabilities_keep_their_order() -> None:
    tiny = np.array([1e-18, 3e-18, 2e-18])
    cell = Cell(
        0,
        0,
        np.arange(3),
        np.array([2, 0, 1]),
        np.column_stack([tiny / 2, tiny / 2, 1 - tiny]),
        None,
    )
    ((positive, ranks),) = one_against_rest(cell, 2).problems()
    assert positive.tolist() == [True, False, False]
    assert ranks.tolist() == [3, 1, 2]


def test_fold_without_the_class_has_no_area(cells: list[Cell]) -> None:
    whole = replace(cells[0], sessions=("ses-1",) * 30)
    lacking = whole.only(whole.truth != 1)
    first, mci, last = by_class([lacking, cells[1]], CLASSES, WEIGHTS)
    assert mci["cells"][0] == {
        "repeat": lacking.repeat,
        "fold": lacking.fold,
        "metrics": {"roc_auc": None, "pr_auc": None},
        "roc": None,
        "pr": None,
    }
    assert first["cells"][0]["metrics"]["roc_auc"] is not None
    assert last["sd"]["roc_auc"] is not None
    assert mci["sd"]["roc_auc"] is None


def test_two_classes_have_no_such_entry() -> None:
    two = random_cells(np.random.default_rng(1), (20,))
    assert by_class(two, ("CN", "AD"), WEIGHTS) == []
