"""Scans by the paths of a cohort table."""

from pathlib import Path

import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.series import SeriesChoice
from crosswarp.errors import InputError


def write(folder: Path, *rows: str, header: str = "diagnosis\tpath") -> Path:
    table = folder / "out" / "cohort.tsv"
    table.parent.mkdir(exist_ok=True)
    lines = [f"participant_id\tsession_id\t{header}", *rows]
    table.write_text("\n".join(lines) + "\n")
    return table


def test_paths_count_from_the_table_on(tmp_path: Path) -> None:
    table = write(
        tmp_path,
        "sub-b\tses-1\tAD\t../ADNI/b.nii",
        f"sub-a\tn/a\tCN\t{tmp_path}/a",
        "sub-c\tses-1\tCN\tn/a",
    )
    found = find_scans(table, series=SeriesChoice.parse(["a=3"]))
    assert [(raw.scan.label, raw.series) for raw in found.scans] == [
        ("sub-a", 3),
        ("sub-b_ses-1", None),
    ]
    assert found.scans[0].path == tmp_path / "a"
    assert found.scans[1].path.resolve() == (tmp_path / "ADNI/b.nii").resolve()
    assert found.problems == [
        (ScanId("sub-c", "ses-1"), "the table gives no path of its scan")
    ]
    one = find_scans(table, ["b"])
    assert [raw.scan.label for raw in one.scans] == ["sub-b_ses-1"]


def test_other_tables_are_refused_with_what_they_lack(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lacks path: expected the table of"):
        find_scans(write(tmp_path, "sub-a\tses-1\tCN", header="diagnosis"))
    row = "sub-a\tses-1\tCN\ta.nii"
    with pytest.raises(InputError, match="sub-a_ses-1 is there more than once"):
        find_scans(write(tmp_path, row, row))
    with pytest.raises(InputError, match="sub-z not in"):
        find_scans(write(tmp_path, row), ["z"])
