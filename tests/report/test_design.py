"""Test parts that a column gives are said in the table of folds and the methods."""

from pathlib import Path

import pytest

from crosswarp.bids.tables import read_table, write_table
from crosswarp.report.design import held_out, validation_text
from crosswarp.report.facts import facts_of
from crosswarp.report.run import Run
from crosswarp.report.tables import folds
from crosswarp.report.texts import methods
from crosswarp.report.wording import ABSENT
from tests.report.fake_run import accept


def hold_out(run: Path, *named: str | None) -> Run:
    """Say in the fold table of a run what each fold holds out."""
    path = run.parent / "folds.tsv"
    table = read_table(path)
    write_table(path, table.assign(held_out=[named[fold] for fold in table["fold"]]))
    accept(run)
    return Run(run)


def test_random_folds_are_stratified(run: Path) -> None:
    assert held_out(Run(run)) == {}
    assert "2-fold cross-validation, with folds that are" in validation_text(Run(run))
    assert "Held out" not in folds.tabulate(Run(run)).columns


def test_sites_held_out_are_named(run: Path) -> None:
    found = hold_out(run, "site=A", "site=B")
    assert held_out(found) == {(0, 0): "site=A", (0, 1): "site=B"}
    how = "leave-one-out cross-validation over 2 values of site; participants are"
    assert how in methods.write(found).paragraphs[1]
    assert "stratified" not in methods.write(found).paragraphs[1]
    assert how in facts_of(found)["partitions"]
    table = folds.tabulate(found)
    assert table.columns[:3] == ["Repeat", "Fold", "Held out"]
    assert [row[2] for row in table.rows] == ["site=A", "site=B"]


def test_a_fold_that_holds_nothing_out_has_a_dash(run: Path) -> None:
    table = folds.tabulate(hold_out(run, "site=A", None))
    assert [row[2] for row in table.rows] == ["site=A", ABSENT]


def test_a_published_split_does_not_say_the_column(run: Path) -> None:
    found = hold_out(run, "as published", "as published")
    assert validation_text(found).startswith("2 test sets taken from a published split")


@pytest.mark.parametrize(
    ("named", "how"),
    [
        (
            "site=A",
            "one fixed test set (site=A) that no model was trained on, rep",
        ),
        ("as published", "one fixed test set that no model was trained on, rep"),
    ],
)
def test_one_test_set_is_said(run: Path, named: str, how: str) -> None:
    found = hold_out(run, named, named)
    found.__dict__["metrics"] = found.metrics.model_copy(
        update={"folds": 1, "repeats": 3}
    )
    assert validation_text(found).startswith(how)


def test_without_a_table_of_folds_nothing_is_held_out(run: Path) -> None:
    (run.parent / "folds.tsv").unlink()
    assert held_out(Run(run)) == {}
