"""Standardised differences between each test part and the rest."""

import math

import numpy as np
import pandas as pd
import pytest

from crosswarp.errors import InputError
from crosswarp.inputs.balance import balance_of, largest_difference
from tests.inputs.virtual_people import people


@pytest.fixture
def cohort() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "participant_id": [f"sub-{n}" for n in range(8)],
            "session_id": "n/a",
            "diagnosis": ["CN", "AD"] * 4,
            "age_years": [60, 62, 64, np.nan, 70, 72, 74, 76],
            "sex": ["F", "F", "F", "M", "F", "M", "M", "n/a"],
            "site": "n/a",
            "field_strength_t": [1.5, 3] * 4,
            "education": ["8", "9", "10", "11", "n/a", "12", "13", "14"],
        }
    )


@pytest.fixture
def folds() -> pd.DataFrame:
    """One fold: four are tested, two train, one validates, and one is unused."""
    return pd.DataFrame(
        {
            "repeat": 0,
            "fold": 0,
            "participant_id": [f"sub-{n}" for n in range(9)],
            "split": [*["test"] * 4, "train", "train", "val", "unused", "train"],
        }
    )


def row(table: pd.DataFrame, variable: str, level: str | None = None) -> pd.Series:
    found = table[table["variable"] == variable]
    chosen = found[found["level"].isna() if level is None else found["level"] == level]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_numbers_and_shares_are_compared_by_austins_formulas(cohort, folds) -> None:
    table = balance_of(folds, cohort, ["education", "field_strength_t"])
    age = row(table, "age_years")
    assert (age["test"], age["rest"]) == (62.0, 72.0)
    assert (age["test_known"], age["rest_known"]) == (3, 3)
    assert age["difference"] == pytest.approx(-10 / 2)  # both have an SD of 2
    women = row(table, "sex", "F")
    assert (women["test"], women["rest"]) == (0.75, pytest.approx(1 / 3))
    spread = math.sqrt((0.75 * 0.25 + 1 / 3 * 2 / 3) / 2)
    assert women["difference"] == pytest.approx((0.75 - 1 / 3) / spread)
    assert row(table, "education")["rest_known"] == 2
    assert row(table, "field_strength_t", "3.0")["test"] == 0.5
    assert set(table["variable"]) == {
        *("diagnosis", "age_years", "sex", "education", "field_strength_t"),
    }


def test_a_participant_counts_with_the_first_scan(cohort, folds) -> None:
    first = cohort.assign(session_id="ses-1")
    both = pd.concat([first.assign(session_id="ses-2", sex="M"), first])
    pd.testing.assert_frame_equal(balance_of(folds, both), balance_of(folds, cohort))


def test_what_does_not_vary_has_no_difference_or_none(cohort, folds) -> None:
    same = balance_of(folds, cohort.assign(sex="F", age_years=70))
    assert row(same, "sex", "F")["difference"] == 0
    assert row(same, "age_years")["difference"] == 0
    tested = cohort.index < 4
    apart = balance_of(folds, cohort.assign(site=np.where(tested, "S1", "S2")))
    assert math.isnan(row(apart, "site", "S1")["difference"])
    alone = cohort.assign(age_years=[60, *[np.nan] * 3, 70, 71, 72, 73])
    assert math.isnan(row(balance_of(folds, alone), "age_years")["difference"])


def test_the_largest_difference_is_named(cohort, folds) -> None:
    table = balance_of(folds, cohort)
    assert largest_difference(table) == (
        "largest standardised difference of a test part: -5.00 (age_years, repeat 0,"
        " fold 0)"
    )
    shares = table[table["variable"] == "sex"]
    assert "(sex=F, repeat 0, fold 0)" in largest_difference(shares)
    assert largest_difference(table.head(0)) == ""


def test_a_variable_that_chose_the_test_part_does_not_count() -> None:
    cohort = people(24)
    tested = cohort["site"] == "S1"
    folds = pd.DataFrame(
        {
            "repeat": 0,
            "fold": 0,
            "participant_id": cohort["participant_id"],
            "split": np.where(tested, "test", "train"),
        }
    )
    assert "site" not in largest_difference(balance_of(folds, cohort))


def test_an_unknown_column_is_refused(cohort, folds) -> None:
    with pytest.raises(InputError, match="`balance`: the cohort has no column apoe"):
        balance_of(folds, cohort, ["apoe"])
