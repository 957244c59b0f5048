"""`crosswarp folds`, as it is typed."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crosswarp.bids.cohort import write_cohort
from crosswarp.bids.tables import read_table
from crosswarp.cli.flags import with_flags
from crosswarp.cli.main import app
from tests.inputs.virtual_people import people


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_cohort(tmp_path / "cohort.tsv", people(48))
    return tmp_path


def folds(folder: Path, out: str, *words: object) -> Result:
    told = ["folds", folder / "cohort.tsv", folder / out, *words]
    return CliRunner().invoke(app, [str(word) for word in told])


def test_a_design_is_published_and_rebuilt(folder: Path) -> None:
    made = folds(
        *(folder, "a.tsv", "--stratify", "sex", "--stratify", "age", "--age-edge", 70),
        *("--family", "family", "--publish", folder / "s.json", "--balance", "family"),
    )
    assert made.exit_code == 0, made.output
    assert "48 participants, 1 x 5 folds in" in made.stdout
    assert "split of 48 participants by salted hashes in" in made.stdout
    again = folds(folder, "b.tsv", "--apply", folder / "s.json", "--group", "family")
    assert again.exit_code == 0, again.output
    assert (folder / "a.tsv").read_bytes() == (folder / "b.tsv").read_bytes()
    checked = folds(folder, "c.tsv", "--own", folder / "a.tsv")
    assert checked.exit_code == 0, checked.output


def test_sites_are_held_out_and_what_limits_that_is_a_note(folder: Path) -> None:
    cohort = people(48)
    cohort.loc[cohort["site"] == "S4", "diagnosis"] = "CN"
    write_cohort(folder / "cohort.tsv", cohort)
    made = folds(folder, "a.tsv", "--leave-one-out", "site")
    assert made.exit_code == 0, made.output
    assert "note: test parts that lack a diagnosis" in made.stderr
    assert read_table(folder / "a.tsv")["held_out"].nunique() == 4
    external = folds(folder, "b.tsv", "--test-where", "site=S1", "--repeats", 2)
    assert "48 participants, 2 x 1 folds" in external.stdout


def test_faults_speak_of_options(folder: Path) -> None:
    failed = folds(folder, "a.tsv", "--stratify", "centre")
    assert failed.exit_code == 1
    assert failed.exception is not None
    told = with_flags(str(failed.exception))
    assert told.startswith("--stratify: the cohort has no column centre; it has")
    both = folds(folder, "a.tsv", "--leave-one-out", "site", "--test-where", "site=S1")
    assert "--leave-one-out and --test-where both" in with_flags(str(both.exception))
