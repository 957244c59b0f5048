"""Rows of tests: each from its own module, adjusted on its own."""

import numpy as np
import pytest

from crosswarp.evaluation.differences import (
    PRIMARY,
    Differences,
    comparison_rows,
    differences_of,
    fold_rows,
)
from crosswarp.evaluation.family import Family, corrected
from crosswarp.evaluation.tables import COLUMNS, framed
from crosswarp.statistics.comparison import (
    Difference,
    holm,
    paired_bootstrap,
    permutation_p,
)
from crosswarp.statistics.corrected_delong import corrected_delong
from crosswarp.statistics.delong import delong
from crosswarp.statistics.intervals import Estimate, participant_weights
from crosswarp.statistics.metrics import cell_metrics
from crosswarp.statistics.resampled_t import corrected_resampled_t
from crosswarp.study.model_metrics import ModelMetrics
from tests.evaluation.made_predictions import cell, random_cells
from tests.evaluation.simulated_studies import fixed_networks, people_of

PEOPLE = 34
RNG = np.random.default_rng(31)
MODEL, REFERENCE = random_cells(RNG), random_cells(RNG)


def test_tests_agree_on_what_they_share() -> None:
    weights = RNG.integers(0, 3, (200, PEOPLE)).astype(float)
    weights[0] = 1
    found = differences_of(MODEL, REFERENCE, weights, seed=0)
    assert found.primary == corrected_delong(MODEL, REFERENCE, PEOPLE)
    assert found.bootstrap == paired_bootstrap(MODEL, REFERENCE, weights)
    assert found.permutation == permutation_p(MODEL, REFERENCE, PEOPLE, seed=0)
    assert found.delong == delong(MODEL, REFERENCE, PEOPLE)
    assert found.primary is not None
    assert found.bootstrap is not None
    assert found.delong is not None
    assert found.bootstrap.auc.value == pytest.approx(found.delong.auc.value)
    assert found.primary.auc.value == found.delong.auc.value
    # It allows for training, too.
    assert found.primary.p > found.delong.p
    by_fold = [
        cell_metrics(a)["roc_auc"] - cell_metrics(b)["roc_auc"]  # type: ignore[operator]
        for a, b in zip(MODEL, REFERENCE, strict=True)
    ]
    # Folds of 11, 14 and 9, each against the other two.
    share = np.mean([11 / 23, 14 / 20, 9 / 25])
    expected = corrected_resampled_t([by_fold], float(share))
    assert expected is not None
    assert found.resampled_t is not None
    assert found.resampled_t.auc.value == pytest.approx(expected.auc.value)
    assert found.resampled_t.p == pytest.approx(expected.p)


def difference(p: float) -> Difference:
    return Difference(Estimate(0.1, 0.0, 0.2), p)


def test_rows_hold_each_test_and_are_corrected_test_by_test() -> None:
    model = ModelMetrics.model_construct(
        overall={"roc_auc": Estimate(0.8, 0.7, 0.9)},
        mean={"roc_auc": 0.8},
        sd={"roc_auc": 0.1},
    )
    models = dict.fromkeys("rabcd", model)
    p = {"a": (0.01, 0.2), "b": (0.04, 0.001), "c": (0.5, None), "d": (0.001, 0.001)}
    differences = {
        name: Differences(
            difference(one),
            difference(one / 2),
            one / 4,
            None if other is None else difference(other),
            None,
        )
        for name, (one, other) in p.items()
    }
    family = Family("r", "b", ("a", "b", "c"), None)
    rows = comparison_rows(models, differences, family, 30)
    (table,) = corrected([framed("comparisons.tsv", rows, "virtual")])
    assert table.columns.tolist() == [*COLUMNS["comparisons.tsv"], "note"]
    by_model = table.set_index("model")
    assert by_model.index.tolist() == ["r", "a", "b", "c", "d"]
    others = by_model.loc[["a", "b", "c"]]
    assert others["role"].tolist() == ["family", "primary", "family"]
    assert others["p_holm"].tolist() == pytest.approx(holm([0.01, 0.04, 0.5]))
    half = holm([0.005, 0.02, 0.25])
    assert others["bootstrap_p_holm"].tolist() == pytest.approx(half)
    assert others["permutation_p"].tolist() == pytest.approx([0.0025, 0.01, 0.125])
    assert others["delong_p_holm"].tolist()[:2] == pytest.approx(holm([0.2, 0.001]))
    assert np.isnan(others.loc["c", "delong_p_holm"])
    assert by_model["t_p"].isna().all()
    assert by_model["test"].isna().tolist() == [True, False, False, False, False]
    assert set(others["test"]) == {PRIMARY}
    assert set(by_model["note"]) == {"virtual"}
    # Outside the family: tested, not corrected, and not counted.
    assert by_model.loc["d", "role"] == "outside the family"
    assert by_model.loc["d", "p"] == 0.001
    assert np.isnan(by_model.loc["d", "p_holm"])


def test_interval_and_p_of_a_row_come_from_one_test() -> None:
    """A property: p is below 5 % if and only if the interval leaves out 0."""
    rng = np.random.default_rng(12)
    outside = dict.fromkeys(("primary", "bootstrap", "delong", "resampled_t"), 0)
    for study in range(40):
        model, reference = fixed_networks(rng, 3, 16, (1.0 + 0.08 * study, 1.0))
        weights = participant_weights(people_of(model), 199, study)
        found = differences_of(model, reference, weights, study, permutations=10)
        for name in outside:
            test = getattr(found, name)
            if test is None:
                # Folds that all differ alike cannot be tested by their variance.
                assert name == "resampled_t"
                continue
            beyond = not test.auc.low <= 0 <= test.auc.high
            assert beyond == (test.p < 0.05), (name, study)
            outside[name] += beyond
    assert all(4 < count < 38 for count in outside.values()), outside


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
