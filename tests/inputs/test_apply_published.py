"""Folds of a published split, rebuilt for the cohort of somebody else."""

import pandas as pd
import pytest

from crosswarp.errors import InputError, LeakageError
from crosswarp.inputs.apply_published import apply_published
from crosswarp.inputs.fold_choices import FoldChoices
from crosswarp.inputs.fold_designs import make_chosen_folds
from crosswarp.inputs.published import PublishedSplit, published_split
from tests.inputs.virtual_people import people

SALT = "salt of the tests"


def published(**choices: object) -> tuple[pd.DataFrame, PublishedSplit]:
    folds = make_chosen_folds(people(), FoldChoices(**choices)).table
    return folds, published_split(folds, SALT)


def in_order(folds: pd.DataFrame) -> pd.DataFrame:
    by = ["repeat", "fold", "participant_id"]
    return folds.sort_values(by, ignore_index=True)


def test_the_same_data_gives_the_same_folds_whatever_the_spelling_of_ids() -> None:
    folds, split = published(stratify=("sex",), repeats=2)
    found = apply_published(people().sample(frac=1, random_state=0), split)
    pd.testing.assert_frame_equal(in_order(found.table), in_order(folds))
    assert found.remarks == []
    upper = people()
    upper["participant_id"] = upper["participant_id"].str.replace("sub-", "SUB-")
    assert apply_published(upper, split).remarks == []


def test_what_is_held_out_stays_so() -> None:
    folds, split = published(leave_one_out="site")
    found = apply_published(people(), split).table
    assert set(found["held_out"]) == {"as published"}
    pd.testing.assert_frame_equal(
        in_order(found).drop(columns="held_out"),
        in_order(folds).drop(columns="held_out"),
    )


def test_who_matches_on_neither_side_is_named() -> None:
    _, split = published()
    cohort = people().iloc[2:]
    new = people().head(1).assign(participant_id="sub-999")
    found = apply_published(pd.concat([cohort, new]), split)
    strangers, absent = found.remarks
    assert strangers == (
        "1 participants of the cohort are not in the published split, and are not used:"
        " sub-999"
    )
    assert absent.startswith("2 of 96 participants of the published split are not in")
    assert set(found.table.query("participant_id == 'sub-999'")["split"]) == {"unused"}
    assert "sub-000" not in set(found.table["participant_id"])


def test_another_cohort_altogether_is_refused() -> None:
    _, split = published()
    others = people()
    others["participant_id"] = others["participant_id"].str.replace("sub-", "sub-x")
    with pytest.raises(InputError, match=r"none of the 96 participants .* sub-x000"):
        apply_published(others, split)


def test_a_cohort_that_leaves_a_part_without_a_diagnosis_is_refused() -> None:
    folds, split = published()
    tested = folds.query("fold == 0 and split == 'test'")["participant_id"]
    cohort = people()
    patients = cohort["participant_id"].isin(tested) & (cohort["diagnosis"] == "AD")
    with pytest.raises(InputError, match="AD in test; the cohort has too few of the"):
        apply_published(cohort[~patients], split)


def test_a_split_that_tests_somebody_twice_is_leakage() -> None:
    folds, _ = published()
    name = folds.query("fold == 0 and split == 'test'")["participant_id"].iloc[0]
    again = folds["participant_id"].eq(name) & (folds["fold"] == 1)
    split = published_split(
        folds.assign(split=folds["split"].mask(again, "test")), SALT
    )
    with pytest.raises(LeakageError, match="is tested in more than one fold"):
        apply_published(people(), split)
