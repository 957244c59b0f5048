"""Covariates of any column: numbers stay numbers, words become categories."""

import numpy as np
import pandas as pd
import pytest

from crosswarp.evaluation.encoding import column_of, described, encode, odd_values


@pytest.fixture
def scans() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age_years": [70.0, np.nan, 72.0, 80.0],
            "sex": ["F", "M", None, "O"],
            "site": ["1", "2", "2", "3"],
            "education": ["12", "16", None, "8"],
            "APOE": ["E3/E4", "E3/E3", None, "E3/E3"],
            "empty": [None] * 4,
        }
    )


def test_numbers_and_categories_are_told_by_what_they_hold(scans) -> None:
    asked = ["Age", "sex", "site", "EDUCATION", "apoe", "head_size", "empty", "age"]
    found = encode(scans, asked)
    assert found.columns == {
        "age_years": ["age_years"],
        "sex": ["sex"],
        "site": ["site=1", "site=2", "site=3"],
        "education": ["education"],
        "APOE": ["APOE=E3/E4"],
    }
    assert found.absent == ("intracranial_volume_cm3", "empty")
    expected = {
        "sex": [0, 1, np.nan, np.nan],
        "site=2": [0, 1, 1, 0],
        "education": [12, 16, np.nan, 8],
        "APOE=E3/E4": [1, 0, np.nan, 0],
    }
    for column, values in expected.items():
        np.testing.assert_array_equal(found.features[column], values)


def test_infinite_values_are_no_numbers_and_named(scans) -> None:
    column = pd.Series(["12", "inf", "12,5", "8"], scans.index)
    found = encode(scans.assign(education=column), ["education"])
    assert len(found.columns["education"]) == 4
    assert odd_values(column) == ["inf"]
    assert odd_values(scans["education"]) == []
    assert odd_values(scans["APOE"]) == []
    plain = encode(scans.assign(education=column.iloc[[0, 2, 3]]), ["education"])
    assert plain.features["education"].iloc[2] == 12.5


def test_nothing_to_encode(scans) -> None:
    found = encode(scans.assign(sex=["O"] * 4), ["sex"])
    assert (found.columns, found.absent) == ({}, ("sex",))
    assert found.features.shape == (4, 0)


def test_names() -> None:
    assert column_of("head_size", ["sex"]) == "intracranial_volume_cm3"
    both = ["brain_volume_cm3", "intracranial_volume_cm3"]
    assert column_of("HEAD_SIZE", both) == "intracranial_volume_cm3"
    assert column_of("head_size", both[:1]) == "brain_volume_cm3"
    assert column_of("brain_volume_cm3", both) == "brain_volume_cm3"
    assert described(["education"]) == "education"
    assert described(["field_strength_t", "site"]) == "field strength and site"
