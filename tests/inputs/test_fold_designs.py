"""Folds by design: even in several columns, families whole, sites held out."""

import numpy as np
import pandas as pd
import pytest

from crosswarp.errors import InputError, LeakageError
from crosswarp.inputs.balance import balance_of
from crosswarp.inputs.fold_checks import check_folds
from crosswarp.inputs.fold_choices import FoldChoices
from crosswarp.inputs.fold_designs import check_groups, make_chosen_folds
from crosswarp.inputs.folds import make_folds
from tests.inputs.virtual_people import counts, people


def made(cohort: pd.DataFrame, **choices: object) -> pd.DataFrame:
    return make_chosen_folds(cohort, FoldChoices(**choices)).table


def imbalance(folds: pd.DataFrame, cohort: pd.DataFrame, variable: str) -> float:
    table = balance_of(folds, cohort)
    differences = table["difference"][table["variable"] == variable]
    return float(np.sqrt((differences**2).mean()))


def test_nothing_new_gives_the_folds_that_there_always_were() -> None:
    cohort = people()
    found = make_chosen_folds(cohort, FoldChoices(4, 2, 3, 0.25))
    pd.testing.assert_frame_equal(found.table, make_folds(cohort, 4, 2, 3, 0.25))
    assert found.remarks == []


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_folds_are_even_in_every_column_that_was_asked_for(seed: int) -> None:
    cohort = people()
    found = made(cohort, seed=seed, repeats=2, stratify=("sex", "age", "site"))
    check_folds(found, cohort)
    for split, most in (("test", 1), ("val", 1)):
        assert np.ptp(counts(found, cohort, split, "diagnosis"), axis=0).max() <= most
    assert np.ptp(counts(found, cohort, "test", "sex"), axis=0).max() <= 2
    assert np.ptp(counts(found, cohort, "test", "site"), axis=0).max() <= 3
    plain = make_folds(cohort, seed=seed, repeats=2)
    for variable in ("sex", "site"):
        ours, theirs = (imbalance(f, cohort, variable) for f in (found, plain))
        assert ours < 0.6 * theirs, variable


def test_the_same_seed_gives_the_same_folds_whatever_the_order_of_rows() -> None:
    cohort, chosen = people(), {"stratify": ("sex", "site"), "group": "family"}
    one = made(cohort, **chosen)
    shuffled = cohort.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(made(shuffled, **chosen), one)
    assert not made(cohort, seed=1, **chosen).equals(one)
    again = made(cohort, repeats=2, **chosen)
    first, second = (again.query(f"repeat == {n}")["split"].tolist() for n in (0, 1))
    assert first == one["split"].tolist() != second


def test_families_are_in_one_split_of_every_fold() -> None:
    cohort = people()
    found = made(cohort, group="family", stratify=("sex",), repeats=2)
    check_groups(found, cohort, "family")
    families = found.merge(cohort).query("family != 'n/a'")
    splits = families.groupby(["repeat", "fold", "family"])["split"].nunique()
    assert (splits == 1).all()
    assert len(splits) == 6 * 5 * 2
    with pytest.raises(LeakageError, match=r"family F\d+ is in more than one split of"):
        check_groups(make_folds(cohort), cohort, "family")


def test_too_few_families_of_a_diagnosis_are_refused() -> None:
    cohort = people(24)
    joined = cohort["diagnosis"].eq("AD")
    two = np.where(np.arange(24) % 2, "A", "B")
    cohort = cohort.assign(family=np.where(joined, two, "n/a"))
    with pytest.raises(
        InputError, match="5 folds need 5 groups with each diagnosis, fa"
    ):
        made(cohort, group="family")


def test_families_that_leave_a_part_without_a_diagnosis_are_refused() -> None:
    cohort = people(24)
    patients = cohort["participant_id"][cohort["diagnosis"] == "AD"].tolist()
    family = cohort["participant_id"].isin(patients[:4]).map({True: "A", False: "n/a"})
    with pytest.raises(InputError, match="in val; family keeps too many together; ask"):
        made(cohort.assign(family=family), group="family", folds=2)


def test_each_site_is_held_out_in_turn() -> None:
    cohort = people()
    found = make_chosen_folds(cohort, FoldChoices(leave_one_out="site", repeats=2))
    assert found.remarks == []
    check_folds(found.table, cohort)
    placed = found.table.merge(cohort)
    assert placed["fold"].nunique() == 4
    tested = placed[placed["split"] == "test"]
    assert (tested["held_out"] == "site=" + tested["site"]).all()
    assert len(tested) == 2 * len(cohort)
    others = placed[placed["split"] != "test"]
    assert (others["held_out"] != "site=" + others["site"]).all()
    again = [found.table.query(f"repeat == {n} and split == 'val'") for n in (0, 1)]
    assert again[0]["participant_id"].tolist() != again[1]["participant_id"].tolist()


def test_a_site_of_one_diagnosis_is_held_out_and_named() -> None:
    cohort = people()
    cohort.loc[cohort["site"] == "S4", "diagnosis"] = "CN"
    found = make_chosen_folds(cohort, FoldChoices(leave_one_out="site"))
    (remark,) = found.remarks
    count = (cohort["site"] == "S4").sum()
    assert remark == (
        "test parts that lack a diagnosis add nothing to an AUC with it:"
        f" site=S4 ({count} participants, without AD)"
    )


def test_sites_that_each_have_one_diagnosis_cannot_be_held_out() -> None:
    cohort = people()
    cohort = cohort.assign(site=cohort["diagnosis"].map({"CN": "A", "AD": "B"}))
    with pytest.raises(InputError, match="no participant with CN in train; leave that"):
        made(cohort, leave_one_out="site")
    four = cohort.assign(site=cohort["site"] + (np.arange(96) % 2).astype(str))
    with pytest.raises(InputError, match="no test part with AD and CN: no AUC could"):
        made(four, leave_one_out="site")


def test_a_site_column_with_missing_values_is_refused() -> None:
    cohort = people()
    cohort.loc[:1, "site"] = ["n/a", None]
    with pytest.raises(
        InputError, match="site is not known of sub-000, sub-001; write"
    ):
        made(cohort, leave_one_out="site")


def test_one_site_cannot_be_left_out() -> None:
    with pytest.raises(
        InputError, match="site is S1 for every participant; two or more"
    ):
        made(people().assign(site="S1"), leave_one_out="site")


def test_who_was_scanned_at_two_sites_is_named() -> None:
    cohort = people()
    later = cohort.head(1).assign(session_id="ses-2", site="S9")
    found = make_chosen_folds(
        pd.concat([cohort, later]), FoldChoices(leave_one_out="site")
    )
    assert found.remarks == [
        "scanned at several values of site, and held out with that of the first scan:"
        " sub-000"
    ]
    assert "site=S9" not in set(found.table["held_out"])


def test_relatives_at_two_sites_are_refused() -> None:
    cohort = people().assign(family="n/a")
    pair = [cohort.index[cohort["site"] == site][0] for site in ("S1", "S2")]
    cohort.loc[pair, "family"] = "F7"
    names = ", ".join(sorted(cohort.loc[pair, "participant_id"]))
    with pytest.raises(LeakageError, match=f"F7 is on both sides of site=S1: {names}"):
        made(cohort, leave_one_out="site", group="family")


def test_an_external_cohort_is_tested_and_never_trained_on() -> None:
    cohort = people()
    chosen = FoldChoices(test_where=("site=S4", "Site=S3"), repeats=3)
    found = make_chosen_folds(cohort, chosen)
    placed = found.table.merge(cohort)
    assert placed["fold"].tolist() == [0] * 3 * 96
    tested = placed[placed["split"] == "test"]
    assert set(tested["site"]) == {"S3", "S4"}
    assert not {"S3", "S4"} & set(placed.loc[placed["split"] != "test", "site"])
    assert set(found.table["held_out"]) == {"site=S4 or Site=S3"}
    assert found.remarks[0].startswith("one test part for all networks: differences")


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        (("site=S8",), "no participant has site S8; there is S1, S2, S3, S4"),
        (("sex=F", "sex=M"), "sex=F or sex=M holds for every participant, so that"),
        (("centre=S1",), "no column centre"),
    ],
)
def test_a_test_part_that_cannot_be_is_refused(where: tuple, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        made(people(), test_where=where)


def test_an_external_cohort_of_one_diagnosis_is_refused() -> None:
    cohort = people()
    cohort.loc[cohort["site"] == "S4", "diagnosis"] = "CN"
    with pytest.raises(InputError, match="repeat 0 has no test part with AD and CN"):
        made(cohort, test_where=("site=S4",))


def test_without_validation_and_with_too_little_of_it() -> None:
    assert set(made(people(), stratify=("sex",), validation_fraction=0.0)["split"]) == {
        "train",
        "test",
    }
    few = people(12)
    with pytest.raises(
        InputError, match="participants with AD are too few to train on"
    ):
        made(few, stratify=("sex",), folds=4, validation_fraction=0.9)


def test_fewer_participants_of_a_diagnosis_than_folds() -> None:
    with pytest.raises(
        InputError, match="9 folds need 9 participants of each diagnosis"
    ):
        made(people(24), stratify=("sex",), folds=9)


def test_fewer_participants_of_a_stratum_than_folds_are_said_and_spread() -> None:
    cohort = people().assign(site=["Z"] * 3 + ["S1", "S2", "S3"] * 31)
    found = make_chosen_folds(cohort, FoldChoices(stratify=("site",)))
    assert found.remarks == [
        "site: fewer participants than the 5 folds, so not in every test part: Z (3)"
    ]
    tested = found.table.query("split == 'test'").merge(cohort)
    assert tested.query("site == 'Z'")["fold"].nunique() == 3
