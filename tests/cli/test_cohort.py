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


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("sub-01", "sub-02", "sub-03"):
        path = raw_path(tmp_path / "raw", ScanId(name))
        path.parent.mkdir(parents=True)
        path.touch()
    return tmp_path / "raw"


def run(root: Path, origin: str) -> Result:
    (root / "participants.tsv").write_text(
        "participant_id\tdiagnosis\torigin\n"
        f"sub-01\tDementia\t{origin}\nsub-02\tcontrol\t{origin}\n"
    )
    app = typer.Typer()
    app.command()(cohort)
    return CliRunner().invoke(app, [str(root), str(root.parent / "cohort.tsv")])


def test_the_table_is_written_and_counted(root: Path) -> None:
    result = run(root, "real")
    assert result.exit_code == 0
    assert result.stdout.startswith("2 scans of 2 participants (1 AD, 1 CN) in ")
    assert result.stderr == "left out: sub-03: not in participants.tsv\n"
    assert VIRTUAL_NOTICE not in result.stdout
    table = read_cohort(root.parent / "cohort.tsv")
    assert table["diagnosis"].tolist() == ["AD", "CN"]


def test_virtual_participants_are_called_that(root: Path) -> None:
    assert VIRTUAL_NOTICE in run(root, "virtual").stdout


def test_our_errors_pass_through(root: Path) -> None:
    result = run(root, "invented")
    assert isinstance(result.exception, InputError)
