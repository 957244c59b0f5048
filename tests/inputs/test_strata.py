"""What folds are balanced by, and who stays together."""

import numpy as np
import pandas as pd
import pytest

from crosswarp.errors import InputError
from crosswarp.inputs.fold_choices import FoldChoices
from crosswarp.inputs.strata import find_column, participants_for
from tests.inputs.virtual_people import people


def test_ages_are_taken_in_bands_that_do_not_depend_on_the_cohort() -> None:
    cohort = people(12).assign(
        age_years=[59.9, 60, 69, 70, 79.5, 80, 95, np.nan, 60, 61, 62, 63]
    )
    found = participants_for(cohort, FoldChoices(folds=2, stratify=("age", "Age")))
    assert found.levels.columns.tolist() == ["age_years"]
    assert found.levels["age_years"].tolist()[:8] == [
        *("below 60", "60 to below 70", "60 to below 70", "70 to below 80"),
        *("70 to below 80", "80 or more", "80 or more", "n/a"),
    ]
    unknown, few = found.remarks
    assert unknown.startswith("age_years is not known of 1 of 12 participants")
    assert few.endswith("not in every test part: below 60 (1), n/a (1)")


def test_a_participant_counts_with_the_first_scan() -> None:
    cohort = people(12)
    later = cohort.assign(session_id="ses-2", site="elsewhere")
    both = cohort.assign(session_id="ses-1")
    found = participants_for(pd.concat([later, both]), FoldChoices(stratify=("site",)))
    assert found.levels["site"].tolist() == cohort["site"].tolist()


def test_the_diagnosis_is_balanced_anyway() -> None:
    assert participants_for(people(), FoldChoices(stratify=("diagnosis",))).levels.empty


def test_columns_are_found_without_regard_to_case_or_named() -> None:
    cohort = people(6).assign(APOE="e3")
    assert find_column(cohort, "apoe", "stratify") == "APOE"
    with pytest.raises(
        InputError, match=r"`group`.* no column familie; did you mean fam"
    ):
        find_column(cohort, "familie", "group")
    with pytest.raises(InputError, match="no column xyz; it has participant_id, sess"):
        find_column(cohort, "xyz", "stratify")


def test_a_column_with_a_value_of_its_own_for_everybody_is_refused() -> None:
    cohort = people(30).assign(score=np.arange(30))
    with pytest.raises(InputError, match="score has 30 different values in 30 part"):
        participants_for(cohort, FoldChoices(stratify=("score",)))


def test_siblings_are_one_unit_and_others_are_alone() -> None:
    cohort = people(12).assign(family=["F1", "F1", *["n/a"] * 10])
    found = participants_for(cohort, FoldChoices(group="family"))
    units, unit = found.units(np.arange(12))
    assert units.kinds.sum(axis=1).tolist().count(2) == 1
    assert unit[0] == unit[1]
    assert len(set(unit)) == 11


def test_a_family_that_joins_everyone_is_refused() -> None:
    for values in (["0"] * 12, ["A"] * 7 + ["n/a"] * 5):
        with pytest.raises(
            InputError, match=r"family [0A] joins \d+ of 12 .* write n/a"
        ):
            participants_for(
                people(12).assign(family=values), FoldChoices(group="family")
            )


def test_a_participant_of_two_families_is_refused() -> None:
    cohort = people(6)
    again = cohort.head(1).assign(session_id="ses-2", family="F9")
    with pytest.raises(InputError, match="family has two values for sub-000"):
        participants_for(pd.concat([cohort, again]), FoldChoices(group="family"))


def test_a_family_column_without_any_value_keeps_nobody_together() -> None:
    found = participants_for(
        people(6).assign(family="n/a"), FoldChoices(group="family")
    )
    assert len(set(found.groups)) == 6


def test_a_cohort_without_participants_is_refused() -> None:
    for chosen in (FoldChoices(leave_one_out="site"), FoldChoices(group="site")):
        with pytest.raises(InputError, match="the cohort has no participants"):
            participants_for(people(12).assign(site="a")[:0], chosen)
