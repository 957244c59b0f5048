"""Rows of tests: each from its own module, adjusted on its own."""

import numpy as np
import pytest

from crosswarp.evaluation.comparison import Difference, holm
from crosswarp.evaluation.delong import delong
from crosswarp.evaluation.differences import (
    Differences,
    comparison_rows,
    differences_of,
    fold_rows,
)
from crosswarp.evaluation.intervals import Estimate
from crosswarp.evaluation.metrics import cell_metrics
from crosswarp.evaluation.resampled_t import corrected_resampled_t
from crosswarp.evaluation.tables import COLUMNS, framed
from tests.evaluation.made_predictions import cell, random_cells

PEOPLE = 34
RNG = np.random.default_rng(31)
MODEL, REFERENCE = random_cells(RNG), random_cells(RNG)


def test_tests_agree_on_what_they_share() -> None:
    weights = RNG.integers(0, 3, (200, PEOPLE)).astype(float)
    weights[0] = 1
    found = differences_of(MODEL, REFERENCE, weights, seed=0)
    assert found.permutation is not None
    assert found.delong == delong(MODEL, REFERENCE, PEOPLE)
    assert found.delong is not None
    assert found.permutation.auc.value == pytest.approx(found.delong.auc.value)
    by_fold = [
        cell_metrics(a)["roc_auc"] - cell_metrics(b)["roc_auc"]  # type: ignore[operator]
        for a, b in zip(MODEL, REFERENCE, strict=True)
    ]
    # Folds of 11, 14 and 9, each against the other two.
    share = np.mean([11 / 23, 14 / 20, 9 / 25])
    assert found.resampled_t == corrected_resampled_t(by_fold, float(share))


def difference(p: float) -> Difference:
    return Difference(Estimate(0.1, 0.0, 0.2), p)


def test_rows_are_adjusted_test_by_test() -> None:
    area = {"value": 0.8, "low": 0.7, "high": 0.9}
    model = {
        "overall": {"roc_auc": area},
        "mean": {"roc_auc": 0.8},
        "sd": {"roc_auc": 0.1},
    }
    metrics = {
        "reference": "r",
        "participants": 30,
        "models": dict.fromkeys(("r", "a", "b", "c"), model),
    }
    p = {"a": (0.01, 0.2), "b": (0.04, 0.001), "c": (0.5, None)}
    differences = {
        name: Differences(
            difference(one), None if other is None else difference(other), None
        )
        for name, (one, other) in p.items()
    }
    table = framed("comparisons.tsv", comparison_rows(metrics, differences), "virtual")
    assert table.columns.tolist() == [*COLUMNS["comparisons.tsv"], "note"]
    by_model = table.set_index("model")
    assert by_model.index.tolist() == ["r", "a", "b", "c"]
    others = by_model.loc[["a", "b", "c"]]
    assert others["p_holm"].tolist() == pytest.approx(holm([0.01, 0.04, 0.5]))
    assert others["delong_p_holm"].tolist()[:2] == pytest.approx(holm([0.2, 0.001]))
    assert np.isnan(others.loc["c", "delong_p_holm"])
    assert by_model["t_p"].isna().all()
    assert by_model["test"].isna().tolist() == [True, False, False, False]
    assert set(others["test"]) == {"paired permutation"}
    assert set(by_model["note"]) == {"virtual"}


def test_folds_are_compared_one_by_one() -> None:
    alone = cell([1, 1], [0.9, 0.2], fold=3, first=32)
    lone = cell([1, 0, 0], [0.9, 0.2, 0.4], fold=4, first=31)
    model, reference = [*MODEL, alone, lone], [*REFERENCE, alone, lone]
    rows = fold_rows(model, reference, PEOPLE)
    assert [row["fold"] for row in rows] == [0, 1, 2, 4]
    found = delong(MODEL[:1], REFERENCE[:1], PEOPLE)
    assert found is not None
    assert rows[0]["p"] == found.p
    assert rows[0]["difference"] == pytest.approx(found.auc.value)
    assert rows[-1]["p"] is None
