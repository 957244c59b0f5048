"""The table of folds, its balance and its published form, in files."""

from pathlib import Path

import pandas as pd
import pytest

from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import InputError, LeakageError, OccupiedError
from crosswarp.inputs.fold_choices import FoldChoices
from crosswarp.inputs.fold_table import FoldFiles, WrittenFolds, write_new_folds
from crosswarp.inputs.folds import make_folds, write_folds
from tests.inputs.virtual_people import people


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    path = tmp_path / "cohort.tsv"
    write_cohort(path, people(48))
    return path


def written(cohort: Path, name: str, *choices: object, **more: object) -> WrittenFolds:
    return write_new_folds(cohort, cohort.with_name(name), *choices, **more)


def test_the_default_table_is_byte_for_byte_the_one_of_make_folds(cohort: Path) -> None:
    found = written(cohort, "folds.tsv", FoldChoices(4, 2, 3, 0.25))
    plain = cohort.with_name("plain.tsv")
    write_folds(plain, make_folds(read_cohort(cohort), 4, 2, 3, 0.25))
    assert cohort.with_name("folds.tsv").read_bytes() == plain.read_bytes()
    first, balance = found.summary
    assert first == f"48 participants, 2 x 4 folds in {cohort.with_name('folds.tsv')}"
    assert "folds_balance.tsv: largest standardised difference of a test" in balance
    assert found.remarks == []
    table = read_table(cohort.with_name("folds_balance.tsv"))
    assert set(table["variable"]) == {"diagnosis", "age_years", "sex", "site"}
    assert len(table.drop_duplicates(["repeat", "fold"])) == 8


def test_a_published_split_gives_another_holder_the_same_bytes(cohort: Path) -> None:
    split = cohort.with_name("split.json")
    chosen = FoldChoices(stratify=("sex", "site"), group="family")
    files = FoldFiles(publish=split, salt="a salt of it", balance=("family",))
    found = written(cohort, "ours.tsv", chosen, files)
    assert found.summary[2] == f"split of 48 participants by salted hashes in {split}"
    again = written(
        cohort, "theirs.tsv", FoldChoices(group="family"), FoldFiles(apply=split)
    )
    assert again.remarks == []
    ours, theirs = (
        cohort.with_name(f"{n}.tsv").read_bytes() for n in ("ours", "theirs")
    )
    assert ours == theirs
    balance = read_table(cohort.with_name("ours_balance.tsv"))
    assert "family" in set(balance["variable"])


def test_a_table_of_the_users_own_is_checked_and_taken(cohort: Path) -> None:
    own = cohort.with_name("own.tsv")
    folds = make_folds(read_cohort(cohort), 3)
    write_folds(own, folds)
    written(cohort, "taken.tsv", None, FoldFiles(own=own))
    assert cohort.with_name("taken.tsv").read_bytes() == own.read_bytes()
    with pytest.raises(LeakageError, match="is in more than one split of repeat 0"):
        written(cohort, "b.tsv", FoldChoices(group="family"), FoldFiles(own=own))
    write_table(own, pd.concat([folds, folds.head(1).assign(split="test")]))
    with pytest.raises(LeakageError, match="is in more than one split of a fold"):
        written(cohort, "b.tsv", None, FoldFiles(own=own))
    assert not cohort.with_name("b.tsv").exists()


def test_an_older_balance_is_replaced_and_another_table_is_not(cohort: Path) -> None:
    written(cohort, "folds.tsv")
    before = cohort.with_name("folds_balance.tsv").read_bytes()
    written(cohort, "folds.tsv", FoldChoices(seed=1), overwrite=True)
    assert cohort.with_name("folds_balance.tsv").read_bytes() != before
    cohort.with_name("other_balance.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(OccupiedError, match="is no table of this command"):
        written(cohort, "other.tsv")


@pytest.mark.parametrize(
    ("choices", "files", "reason"),
    [
        ({}, {"own": Path("a"), "apply": Path("b")}, "`own` and `apply` both give"),
        ({"stratify": ("sex",)}, {"own": Path("a")}, "`stratify` says how folds are"),
        ({"leave_one_out": "site"}, {"apply": Path("a")}, "`leave_one_out` .* `apply`"),
        ({}, {"salt": "a salt of it"}, "`salt` is of the file that `publish` names"),
    ],
)
def test_what_does_not_go_together_is_refused(
    cohort: Path, choices: dict, files: dict, reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        written(cohort, "a.tsv", FoldChoices(**choices), FoldFiles(**files))
    assert not cohort.with_name("a.tsv").exists()


def test_what_is_read_is_never_written_over(cohort: Path) -> None:
    own = cohort.with_name("own.tsv")
    write_folds(own, make_folds(read_cohort(cohort), 3))
    with pytest.raises(OccupiedError, match="is what is read"):
        written(cohort, "own.tsv", None, FoldFiles(own=own), overwrite=True)
