"""Several scans of one participant: which comes first, and how much each counts."""

import numpy as np
import pandas as pd
import pytest

from crosswarp.bids.sessions import (
    first_scans,
    in_order,
    session_key,
)
from crosswarp.statistics.shares import participant_shares


def cohort(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["participant_id", "session_id", "age_years"])


def test_the_youngest_is_first_whatever_the_label() -> None:
    table = cohort(("sub-1", "ses-A", 72.0), ("sub-1", "ses-B", 70.5))
    assert in_order(table)["session_id"].tolist() == ["ses-B", "ses-A"]


@pytest.mark.parametrize("age", [70.0, float("nan")])
def test_labels_decide_where_ages_do_not(age: float) -> None:
    """The same age in all sessions is one that the table has for the participant."""
    labels = ["ses-M12", "ses-M120", "ses-M6", "ses-bl", "ses-sc", "n/a"]
    table = cohort(*[("sub-1", label, age) for label in labels])
    assert in_order(table)["session_id"].tolist() == [
        "ses-sc",
        "ses-bl",
        "n/a",
        "ses-M6",
        "ses-M12",
        "ses-M120",
    ]


def test_one_unknown_age_leaves_it_to_the_labels() -> None:
    nan = float("nan")
    table = cohort(("sub-1", "ses-2", 60.0), ("sub-1", "ses-1", nan))
    assert in_order(table)["session_id"].tolist() == ["ses-1", "ses-2"]


def test_each_participant_has_a_first_scan() -> None:
    table = cohort(
        ("sub-2", "ses-2", 71.0),
        ("sub-1", "n/a", 80.0),
        ("sub-2", "ses-1", 70.0),
    )
    found = first_scans(table)
    assert found["participant_id"].tolist() == ["sub-1", "sub-2"]
    assert found["session_id"].tolist() == ["n/a", "ses-1"]
    assert found.index.tolist() == [1, 2]  # the rows of the cohort


def test_a_cohort_without_ages_is_sorted_too() -> None:
    table = cohort(("sub-1", "ses-2", 0.0), ("sub-1", "ses-1", 0.0))
    assert first_scans(table.drop(columns="age_years")).index.tolist() == [1]


def test_labels_of_another_case_have_an_order() -> None:
    assert sorted(["ses-m0", "ses-M0"], key=session_key) == ["ses-M0", "ses-m0"]


def test_scans_of_one_participant_share_a_weight_of_one() -> None:
    shares = participant_shares(["b", "a", "b", "b"])
    np.testing.assert_allclose(shares, [1 / 3, 1, 1 / 3, 1 / 3])
    assert participant_shares([]).shape == (0,)
