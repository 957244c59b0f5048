"""Numbers of a group are those of its scans alone."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from crosswarp.evaluation.cells import cells_of, people_of
from crosswarp.evaluation.subgroups import groups_of, subgroup_rows
from crosswarp.statistics.cells import People
from crosswarp.statistics.intervals import participant_weights
from tests.evaluation.made_predictions import made, random_cells

COUNT = 60
RNG = np.random.default_rng(21)
PREDICTIONS = made(["CN", "AD"] * 30, {"a": RNG.random(COUNT).round(3)}, [0] * COUNT)
INDEX = pd.MultiIndex.from_tuples(
    [(f"sub-{i:03d}", "ses-M00") for i in range(COUNT)],
    names=["participant_id", "session_id"],
)


def scans(**columns: object) -> pd.DataFrame:
    known = {"age_years": 65.0, "sex": "F", "site": None}
    return pd.DataFrame({**known, **columns}, index=INDEX)


def rows(known: pd.DataFrame) -> dict[tuple[str, str], dict[str, object]]:
    people = people_of(PREDICTIONS)
    weights = participant_weights(people, 100, seed=0)
    cells = cells_of(PREDICTIONS, "a", people)
    found = subgroup_rows(cells, people, known, weights)
    return {(row["variable"], row["group"]): row for row in found}


def test_auc_of_a_group_is_of_its_scans() -> None:
    sex = np.array(["F"] * 40 + ["M"] * 20, dtype=object)
    found = rows(scans(sex=sex))
    table = PREDICTIONS.table
    for group, inside in (("F", slice(0, 40)), ("M", slice(40, 60))):
        part = table.iloc[inside]
        row = found["sex", group]
        assert row["roc_auc"] == pytest.approx(
            roc_auc_score(part["diagnosis"] == "AD", part["probability_AD"])
        )
        assert row["roc_auc_low"] < row["roc_auc"] < row["roc_auc_high"]  # type: ignore[operator]
        decided = part["probability_AD"] >= 0.5
        ill = part["diagnosis"] == "AD"
        assert row["sensitivity"] == pytest.approx(decided[ill].mean())
        assert row["specificity"] == pytest.approx(1 - decided[~ill].mean())
    assert [found["sex", g]["participants"] for g in "FM"] == [40, 20]
    assert [found["sex", g]["warning"] for g in "FM"] == [None, None]
    assert found["sex", "F"]["positives"] == found["sex", "F"]["negatives"] == 20


def test_small_groups_are_warned_of() -> None:
    site = np.array(["x"] * 19 + ["y", "z"] * 20 + [None], dtype=object)
    found = rows(scans(site=site))
    assert str(found["site", "x"]["warning"]).startswith("only 19 participants: the")
    # Sites y and z have one diagnosis each but for nobody: no AUC, still a row.
    assert found["site", "y"]["roc_auc"] is None
    assert found["site", "y"]["warning"] == (
        "only 0 participants of a class: the numbers are coarse"
    )
    assert ("site", "None") not in found


def test_ages_are_banded_in_decades() -> None:
    ages = np.r_[59.9, 60, 69.9, 70, 79.9, 80, 95, np.nan, np.full(52, 75.0)]
    bands = groups_of(scans(age_years=ages))["age_band"]
    assert bands.iloc[:7].tolist() == [
        "under 60",
        *["60-69"] * 2,
        *["70-79"] * 2,
        *["80 and over"] * 2,
    ]
    assert pd.isna(bands.iloc[7])
    found = rows(scans(age_years=ages))
    groups = [group for variable, group in found if variable == "age_band"]
    assert groups == ["under 60", "60-69", "70-79", "80 and over"]


def test_scanner_field_is_a_group_where_it_is_known() -> None:
    assert "field_strength_t" not in groups_of(scans())
    found = rows(scans(field_strength_t=["3", "1.5"] * 30))
    assert [g for v, g in found if v == "field_strength_t"] == ["1.5", "3"]


def test_scans_that_the_cohort_lacks_are_in_no_group() -> None:
    found = rows(scans().iloc[:30])
    assert found["sex", "F"]["scans"] == 30


def test_three_classes_have_groups() -> None:
    (three,) = random_cells(np.random.default_rng(1), (COUNT,), classes=3)
    names = tuple(f"sub-{i:03d}" for i in range(COUNT))
    object.__setattr__(three, "sessions", ("ses-M00",) * COUNT)
    people = People(names, ("0 x",) * COUNT)
    found = list(subgroup_rows([three], people, scans(), np.ones((3, COUNT))))
    assert [row["variable"] for row in found] == ["sex", "age_band"]
    assert found[0]["positives"] is found[0]["sensitivity"] is None
    assert 0.5 < found[0]["roc_auc"] < 1
