"""Names in an archive's tables, folders and files come out in no cohort."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crosswarp.cli.main import app
from tests.archives.nacc_trees import miriad, nacc
from tests.archives.oasis_trees import oasis1
from tests.archives.trees import MPRAGE, Ida, dx, listed, write_csv
from tests.faults.planted import PERSON, hits

FREE_TEXT = ("USERID", "SITECOMM", "FULL_NAME", "EXAMINER", "PatientName", "COMMENTS")
"""Columns of archives, and of those who add to their tables, with room for a name."""


def adni(root: Path) -> Path:
    ida = Ida(root)
    ptid = "999_S_0001"
    ida.nifti(ptid, MPRAGE, "2006-01-10", 41124)
    ida.dicom(ptid, MPRAGE, "2007-01-10", 41125)
    rows = [listed(ptid, MPRAGE, "2006-01-10", 41124)]
    write_csv(root / "ADNI1_1_20_2023.csv", rows)
    visits = [
        dx(ptid, "bl", "2006-02-01", 1, PHASE="ADNI1"),
        dx(ptid, "m12", "2007-02-01", 99, PHASE="ADNI1"),
    ]
    write_csv(root / "DXSUM_03Feb2026.csv", visits)
    return root


def plant(root: Path) -> int:
    """Add columns of free text with a name to all tables; return their number."""
    tables = sorted(root.rglob("*.csv"))
    for path in tables:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        write_csv(path, [row | dict.fromkeys(FREE_TEXT, PERSON) for row in rows])
    return len(tables)


@pytest.mark.parametrize("write", [adni, nacc, oasis1, miriad])
@pytest.mark.parametrize("visits", ["baseline", "all"])
def test_a_name_in_an_archive_comes_out_nowhere(
    tmp_path: Path, write: Callable[[Path], Path], visits: str
) -> None:
    home = tmp_path / f"{PERSON}home"
    root = home / "download"
    root.mkdir(parents=True)
    write(root)
    planted = plant(root)
    assert planted or write is miriad
    assert hits([root]) or write is miriad
    out = home / "out"
    words = ["cohort", str(root), str(out), "--visits", visits]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert (out / "cohort.tsv").is_file()
    assert hits([out]) == []
    # Paths are shown as they were typed.
    said = result.output.replace(str(home), "")
    assert PERSON not in said
