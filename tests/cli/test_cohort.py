"""`crosswarp cohort` says what it wrote and what it left out."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from crosswarp.bids.cohort import VIRTUAL_NOTICE, read_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import raw_path
from crosswarp.cli.cohort import cohort
from crosswarp.errors import InputError
from tests.archives.oasis_trees import oasis1


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("sub-01", "sub-02", "sub-03"):
        path = raw_path(tmp_path / "raw", ScanId(name))
        path.parent.mkdir(parents=True)
        path.touch()
    return tmp_path / "raw"


def run(root: Path, origin: str, *options: str) -> Result:
    (root / "participants.tsv").write_text(
        "participant_id\tdiagnosis\torigin\n"
        f"sub-01\tDementia\t{origin}\nsub-02\tcontrol\t{origin}\n"
    )
    app = typer.Typer()
    app.command()(cohort)
    return CliRunner().invoke(
        app, [str(root), str(root.parent / "cohort.tsv"), *options]
    )


def test_the_table_is_written_and_counted(root: Path) -> None:
    result = run(root, "real")
    assert result.exit_code == 0
    assert result.stdout.startswith("2 scans of 2 participants (1 AD, 1 CN) in ")
    assert result.stderr.split("\n") == [
        "note: age_years is known of no scan",
        "note: sex is known of no scan",
        "left out: sub-03: not in participants.tsv",
        "",
    ]
    assert result.stdout.endswith("; 1 left out, listed in cohort_excluded.tsv\n")
    excluded = (root.parent / "cohort_excluded.tsv").read_text()
    assert excluded == (
        "participant_id\tsession_id\treason\nsub-03\tn/a\tnot in participants.tsv\n"
    )
    assert VIRTUAL_NOTICE not in result.stdout
    table = read_cohort(root.parent / "cohort.tsv")
    assert table["diagnosis"].tolist() == ["AD", "CN"]


def test_virtual_participants_are_called_that(root: Path) -> None:
    assert VIRTUAL_NOTICE in run(root, "virtual").stdout


def test_our_errors_pass_through(root: Path) -> None:
    result = run(root, "invented")
    assert isinstance(result.exception, InputError)


def test_labels_are_mapped_and_dropped(root: Path) -> None:
    result = run(root, "real", "--map", "AD=pMCI", "--drop", "CN", "--missing", "real")
    assert "(1 pMCI)" in result.stdout
    assert "note: diagnosis pMCI (1 scan) is kept" in result.stderr
    assert "left out: sub-02: diagnosis CN is left out by --drop" in result.stderr


def test_many_left_out_are_in_the_table_alone(root: Path) -> None:
    for number in range(30):
        (root / f"sub-x{number}").mkdir()
    result = run(root, "real")
    assert result.stderr.count("left out: ") == 21
    assert "left out: 11 more, see " in result.stderr
    assert len((root.parent / "cohort_excluded.tsv").read_text().split("\n")) == 33


def test_an_archive_is_recognised_and_its_settings_are_checked(tmp_path: Path) -> None:
    root = oasis1(tmp_path / "oasis")
    app = typer.Typer()
    app.command()(cohort)
    out = tmp_path / "out"
    options = ["--set", "unrated=cn", "--visits", "all", "--cdr", "stage"]
    result = CliRunner().invoke(app, [str(root), str(out), *options])
    assert result.exit_code == 0
    assert "note: archive: OASIS-1" in result.stderr
    table = read_cohort(out / "cohort.tsv")
    assert table["diagnosis"].tolist() == ["CN", "CN", "CN", "MCI", "AD"]
    assert table["participant_id"].nunique() == 4
    paths = [(out / name).resolve() for name in table["path"]]
    assert all(path.is_file() and path.is_relative_to(root) for path in paths)
    wrong = CliRunner().invoke(app, [str(root), str(out), "--set", "label=d1"])
    assert isinstance(wrong.exception, InputError)
    assert "OASIS-1 has unrated" in str(wrong.exception)
