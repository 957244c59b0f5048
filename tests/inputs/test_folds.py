"""Folds: by participant, even, and refused when a result would be worthless."""

import numpy as np
import pandas as pd
import pytest

from crosswarp.errors import InputError, LeakageError
from crosswarp.inputs.fold_checks import check_folds
from crosswarp.inputs.folds import make_folds, read_folds, write_folds


def cohort_of(**counts: int) -> pd.DataFrame:
    diagnoses = [name for name, n in counts.items() for _ in range(n)]
    return pd.DataFrame(
        {
            "participant_id": [f"sub-{n:03d}" for n in range(len(diagnoses))],
            "session_id": "ses-1",
            "diagnosis": diagnoses,
        }
    )


@pytest.fixture
def cohort() -> pd.DataFrame:
    return cohort_of(CN=21, MCI=12, AD=17)


@pytest.fixture
def folds(cohort: pd.DataFrame) -> pd.DataFrame:
    return make_folds(cohort, folds=4, repeats=2, seed=3)


def test_everybody_is_once_in_every_fold_and_tested_once_a_repeat(folds) -> None:
    assert len(folds) == 50 * 4 * 2
    assert not folds.duplicated(["repeat", "fold", "participant_id"]).any()
    tested = folds[folds["split"] == "test"]
    assert (tested.groupby(["repeat", "participant_id"]).size() == 1).all()
    assert len(tested) == 50 * 2


def test_diagnoses_are_dealt_evenly(cohort, folds) -> None:
    known = folds.merge(cohort)
    counts = known.pivot_table(
        "session_id", ["repeat", "fold", "split"], "diagnosis", aggfunc="size"
    )
    tested = counts.xs("test", level="split")
    assert (tested.max() - tested.min() <= 1).all()
    chosen = counts.xs("val", level="split")
    assert chosen.min().tolist() == [2, 3, 2]  # a fifth of 12, 15 and 9, rounded


def test_repeats_and_seeds_differ_and_the_order_of_rows_does_not_count(cohort) -> None:
    made = make_folds(cohort, folds=3, repeats=2, seed=1)
    shuffled = cohort.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(make_folds(shuffled, 3, 2, seed=1), made)
    first, second = (made[made["repeat"] == n]["split"].tolist() for n in (0, 1))
    assert first != second
    assert made["split"].tolist() != make_folds(cohort, 3, 2, seed=2)["split"].tolist()


def test_sessions_of_a_participant_stay_together() -> None:
    once = cohort_of(CN=6, AD=6)
    again = once.assign(session_id="ses-2", diagnosis="AD")
    made = make_folds(pd.concat([again, once]), folds=2)
    pd.testing.assert_frame_equal(made, make_folds(once, folds=2))


def test_without_validation(cohort) -> None:
    made = make_folds(cohort, folds=2, validation_fraction=0.0)
    assert set(made["split"]) == {"train", "test"}


def test_reading_what_was_written(tmp_path, cohort, folds) -> None:
    write_folds(tmp_path / "folds.tsv", folds)
    read = read_folds(tmp_path / "folds.tsv")
    assert len(read.merge(folds)) == len(folds)
    check_folds(read, cohort)


def test_numbers_must_be_whole(tmp_path, folds) -> None:
    write_folds(tmp_path / "folds.tsv", folds.assign(fold="first"))
    with pytest.raises(InputError, match="fold must hold whole numbers"):
        read_folds(tmp_path / "folds.tsv")


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"folds": 13}, "13 folds need 13 participants .* 12 with MCI"),
        ({"folds": 1}, "folds must be 2 or more, got 1"),
        ({"repeats": 0, "validation_fraction": 1.0}, "got 0; the validation fraction"),
        ({"folds": 2, "validation_fraction": 0.95}, "too few to train on"),
    ],
    ids=["folds", "one", "both", "validation"],
)
def test_what_cannot_be_dealt_is_refused(cohort, choices, reason) -> None:
    with pytest.raises(InputError, match=reason):
        make_folds(cohort, **choices)


def test_fewer_participants_than_folds() -> None:
    with pytest.raises(InputError, match="ask for fewer folds"):
        make_folds(cohort_of(CN=2, AD=2), folds=5)


def moved(folds: pd.DataFrame, participant: str, fold: int, split: str) -> pd.DataFrame:
    changed = folds.copy()
    there = (changed["participant_id"] == participant) & (changed["fold"] == fold)
    changed.loc[there, "split"] = split
    return changed


def test_a_participant_in_two_splits_is_leakage(cohort, folds) -> None:
    row = folds[folds["split"] == "test"].iloc[[0]].assign(split="train")
    with pytest.raises(LeakageError, match=r"sub-\d+ is in more than one split"):
        check_folds(pd.concat([folds, row]), cohort)


def test_a_participant_tested_twice_is_leakage(cohort, folds) -> None:
    tested = folds[(folds["split"] == "test") & (folds["fold"] == 0)]
    name = tested["participant_id"].iloc[0]
    with pytest.raises(LeakageError, match=f"{name} is tested in more than one fold"):
        check_folds(moved(folds, name, 1, "test"), cohort)


def test_a_participant_missing_from_a_fold_is_leakage(cohort, folds) -> None:
    with pytest.raises(LeakageError, match="repeat 1, fold 3 does not say where"):
        check_folds(folds.iloc[:-7], cohort)
    more = pd.concat([cohort, cohort.assign(participant_id="sub-999").head(1)])
    with pytest.raises(LeakageError, match="where sub-999 belongs"):
        check_folds(folds, more)


def test_a_participant_spelt_otherwise_in_the_folds_is_named(cohort, folds) -> None:
    name = str(cohort["participant_id"].iloc[0])
    other = name.replace("sub-00", "sub-0")
    respelt = folds.assign(participant_id=folds["participant_id"].replace(name, other))
    hint = f"{name} belongs; the table of folds has {other}: write {name}"
    with pytest.raises(LeakageError, match=hint):
        check_folds(respelt, cohort)


def test_folds_that_a_spreadsheet_wrote_are_the_same(tmp_path, folds) -> None:
    path = tmp_path / "folds.tsv"
    write_folds(path, folds)
    lines = path.read_text().split("\n")
    rows = [line.replace("\t", ".0\t", 2) + "\t" for line in lines[1:] if line]
    other = tmp_path / "touched.tsv"
    other.write_text("\r\n".join(["\ufeff" + lines[0] + "\t\t", *rows, "", "\t"]))
    pd.testing.assert_frame_equal(read_folds(other), read_folds(path))


def test_a_fold_without_a_class_is_refused(cohort, folds) -> None:
    known = folds.merge(cohort)
    without = known.loc[
        (known["fold"] == 1) & (known["split"] == "val") & (known["diagnosis"] == "AD"),
        "participant_id",
    ]
    for name in without:
        folds = moved(folds, name, 1, "train")
    with pytest.raises(InputError, match="fold 1 has no participant with AD in val"):
        check_folds(folds, cohort)


def test_other_classes_of_the_folds_do_not_matter(cohort, folds) -> None:
    two = cohort[cohort["diagnosis"] != "MCI"]
    check_folds(folds, two, ["CN", "AD"])
    with pytest.raises(InputError, match="no participant with MCI in train"):
        check_folds(folds, two, ["CN", "MCI"])


def test_unknown_splits_and_an_empty_table_are_refused(cohort, folds) -> None:
    with pytest.raises(InputError, match="train, val or test, got holdout"):
        check_folds(moved(folds, "sub-000", 0, "holdout"), cohort)
    with pytest.raises(InputError, match="empty"):
        check_folds(folds.head(0), cohort)


def test_many_names_are_counted(cohort, folds) -> None:
    everybody = folds.assign(split=np.where(folds["split"] == "val", "val", "test"))
    with pytest.raises(LeakageError, match="and 45 more is tested"):
        check_folds(everybody, cohort)
