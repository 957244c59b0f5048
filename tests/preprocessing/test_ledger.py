"""Maps of two grids in one folder: a row, a picture and a transform for each."""

import json
from pathlib import Path

import pandas as pd
import pytest

from crosswarp.bids.dataset import FoundScans, find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import figure_path, transform_path
from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import IncompleteError, ScanError
from crosswarp.preprocessing.cohort import check_ledger, plan_cohort
from crosswarp.preprocessing.ledger import Ledger
from crosswarp.preprocessing.request import record_path
from crosswarp.preprocessing.scan import preprocess_scan
from crosswarp.preprocessing.settings import PreprocessSettings
from tests.made_maps import finish, made, plan, write_scans

MNI = "MNI152NLin2009cSym"
ONE, TWO = (PreprocessSettings(resolution=resolution) for resolution in (1, 2))
SCAN = ScanId("sub-01")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return write_scans(tmp_path / "raw", "sub-01", "sub-02")


@pytest.fixture
def out(raw: Path, tmp_path: Path) -> Path:
    made(raw, tmp_path / "out")
    return tmp_path / "out"


def rows(out: Path) -> list[tuple[str, int, float]]:
    table = read_table(out / "ledger.tsv")
    columns = ["participant_id", "resolution", "brain_volume_cm3"]
    return [tuple(row) for row in table[columns].to_numpy().tolist()]


def transforms(out: Path) -> list[Path]:
    return [
        transform_path(out, SCAN, space=MNI, extension=".txt", res=resolution)
        for resolution in (1, 2)
    ]


def test_each_grid_has_its_own(raw: Path, out: Path) -> None:
    coarse = {
        path: path.read_bytes() for path in out.rglob("sub-01*") if path.is_file()
    }
    assert made(raw, out, "sub-01", resolution=1) == ["sub-01"]
    assert coarse == {path: path.read_bytes() for path in coarse}
    assert rows(out) == [("sub-01", 1, 1415), ("sub-01", 2, 1416), ("sub-02", 2, 1416)]
    first, second = transforms(out)
    assert first.read_text() != second.read_text()
    assert record_path(plan(raw, out, resolution=1).todo["sub-02"]).parent.is_dir()
    # Neither is done again for the other.
    assert made(raw, out) == []
    assert made(raw, out, "sub-01", resolution=1) == []


def test_the_page_shows_both_and_says_which(raw: Path, out: Path) -> None:
    assert "sub-01, 2 mm" not in (out / "qc.html").read_text()
    made(raw, out, resolution=1)
    page = (out / "qc.html").read_text()
    for resolution in (1, 2):
        assert f"<h3>sub-01, {resolution} mm</h3>" in page
        picture = figure_path(out, SCAN, "qc", (MNI, resolution))
        assert f'src="{picture.relative_to(out).as_posix()}"' in page


def test_the_result_is_of_the_grid_that_was_asked(raw: Path, out: Path) -> None:
    write_scans(raw, "sub-02", text="bad")
    planned = plan_cohort(find_scans(raw), out, ONE)
    table = finish(planned)
    assert table["resolution"].tolist() == [1, 1]
    with pytest.raises(IncompleteError, match="1 of 2 scans failed"):
        check_ledger(table, out, find_scans(raw))
    twice = FoundScans([], [(SCAN, "two images")], [])
    table = finish(plan_cohort(twice, out, TWO))
    assert table.set_index("participant_id")["status"].to_dict() == {
        "sub-01": "failed",
        "sub-02": "ok",
    }
    assert len(rows(out)) == 4


def test_a_refused_scan_takes_its_own_files_alone(raw: Path, out: Path) -> None:
    """Its old transform and picture go with its maps; the other grid keeps all."""
    made(raw, out, "sub-01", resolution=1)
    request = plan(raw, out, brain_mask="template").todo["sub-01"]
    kept = set(out.rglob("sub-01*res-1*"))
    assert len(kept) == 8
    with pytest.raises(ScanError):
        preprocess_scan(request)
    assert {p for p in out.rglob("sub-01*") if p.is_file()} == kept


def name_as_before(out: Path) -> list[Path]:
    """Give picture and transforms of sub-01 the names of earlier versions."""
    before = [
        figure_path(out, SCAN, "qc"),
        transform_path(out, SCAN, space=MNI, extension=".txt"),
    ]
    figure_path(out, SCAN, "qc", (MNI, 2)).rename(before[0])
    transforms(out)[1].rename(before[1])
    for path in out.rglob("*logjacobian_T1w.json"):
        record = json.loads(path.read_text())
        path.write_text(json.dumps({k: record[k] for k in record if k != "products"}))
    ledger = read_table(out / "ledger.tsv").drop(columns=["space", "resolution"])
    write_table(out / "ledger.tsv", ledger)
    return before


def test_a_ledger_of_an_earlier_version_goes_on(raw: Path, out: Path) -> None:
    write_scans(raw, "sub-03", text="bad")
    made(raw, out)
    name_as_before(out)
    assert made(raw, out) == []
    assert [row[:2] for row in rows(out)] == [
        ("sub-01", 2),
        ("sub-02", 2),
        ("sub-03", 2),
    ]
    page = (out / "qc.html").read_text()
    assert 'src="sub-01/figures/sub-01_desc-qc_T1w.png"' in page


def test_a_row_of_maps_that_are_gone_waits_for_its_scan(raw: Path, out: Path) -> None:
    name_as_before(out)
    for record in out.rglob("*logjacobian_T1w.json"):
        record.unlink()
    ledger = Ledger(out)
    assert ledger.table()["resolution"].isna().all()
    assert set(ledger.table()["space"]) == {"n/a"}
    ledger.write()
    assert made(raw, out, "sub-01") == ["sub-01"]
    table = read_table(out / "ledger.tsv")
    assert table["participant_id"].tolist() == ["sub-01", "sub-02"]
    assert table["resolution"].tolist()[0] == 2
    assert pd.isna(table["resolution"].tolist()[1])
    assert "<h3>sub-02</h3>" in (out / "qc.html").read_text()


def test_files_named_before_go_unless_they_may_be_of_other_maps(
    raw: Path, out: Path
) -> None:
    before = name_as_before(out)
    made(raw, out, "sub-01", resolution=1)
    request = plan(raw, out, brain_mask="template").todo["sub-01"]
    with pytest.raises(ScanError):
        preprocess_scan(request)
    assert all(path.exists() for path in before)
    other = plan(raw, out, resolution=1, brain_mask="template").todo["sub-01"]
    with pytest.raises(ScanError):
        preprocess_scan(other)
    assert not any(path.exists() for path in before)
