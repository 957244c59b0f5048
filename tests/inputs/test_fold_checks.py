"""Folds that leave participants out or hold a site out, and what is refused."""

import pandas as pd
import pytest

from crosswarp.errors import InputError, LeakageError
from crosswarp.inputs.fold_checks import (
    check_folds,
    unused_of,
    without_empty_tests,
)
from crosswarp.inputs.fold_choices import FoldChoices
from crosswarp.inputs.fold_designs import make_chosen_folds
from crosswarp.inputs.folds import make_folds, read_folds, write_folds
from tests.inputs.virtual_people import people


@pytest.fixture
def by_site() -> pd.DataFrame:
    return make_chosen_folds(people(), FoldChoices(leave_one_out="site")).table


def test_who_is_unused_need_not_be_anywhere() -> None:
    cohort = people()
    folds = make_folds(cohort)
    folds.loc[folds["participant_id"] == "sub-000", "split"] = "unused"
    check_folds(folds, cohort)
    assert unused_of(folds) == {"sub-000"}


def test_who_is_unused_in_some_folds_only_is_refused() -> None:
    folds = make_folds(people())
    folds.loc[folds["participant_id"].eq("sub-000") & (folds["fold"] == 1), "split"] = (
        "unused"
    )
    with pytest.raises(LeakageError, match="sub-000 is unused in some folds, and in a"):
        check_folds(folds, people())


def test_only_a_test_part_that_is_held_out_may_lack_a_class(by_site) -> None:
    cohort = people()
    cohort.loc[cohort["site"] == "S4", "diagnosis"] = "CN"
    check_folds(by_site, cohort)
    with pytest.raises(InputError, match="fold 3 has no participant with AD in test"):
        check_folds(by_site.drop(columns="held_out"), cohort)
    cohort.loc[cohort["site"] != "S3", "diagnosis"] = "CN"
    with pytest.raises(InputError, match="fold 2 has no participant with AD in train"):
        check_folds(by_site, cohort)


def test_a_site_without_anybody_of_the_analysis_is_no_fold_of_it(by_site) -> None:
    tested = set(people().query("site != 'S2'")["participant_id"])
    found = without_empty_tests(by_site, tested)
    assert set(found["held_out"]) == {"site=S1", "site=S3", "site=S4"}
    plain = by_site.drop(columns="held_out")
    assert without_empty_tests(plain, tested) is plain


def test_what_is_held_out_survives_the_file(tmp_path, by_site) -> None:
    write_folds(tmp_path / "folds.tsv", by_site)
    read = read_folds(tmp_path / "folds.tsv")
    assert read.columns.tolist()[-1] == "held_out"
    assert len(read.merge(by_site)) == len(by_site)
