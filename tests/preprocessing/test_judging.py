"""Other limits change verdicts from recorded numbers, aloud, and make no map again."""

import json
from pathlib import Path

import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.ledger import refused_by_quality
from crosswarp.bids.names import raw_path
from crosswarp.bids.tables import read_table, write_table
from crosswarp.files import write_json
from crosswarp.outputs import PREDICTION
from crosswarp.preprocessing.cohort import plan_cohort
from crosswarp.preprocessing.kept import read_kept
from crosswarp.preprocessing.limits import Limits, QualityLimits
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.preprocessing.verify import verify_derivatives
from tests.made_maps import Here, finish, made, plan, write_scans

GRID = ("MNI152NLin2009cSym", 2)
DOUBTS = QualityLimits(overlap=Limits(fine=(0.96, None), used=(0.85, None)))
REFUSES = QualityLimits(overlap=Limits(fine=(0.97, None), used=(0.96, None)))


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return write_scans(tmp_path / "raw", "sub-01", "sub-02")


@pytest.fixture
def out(raw: Path, tmp_path: Path) -> Path:
    made(raw, tmp_path / "out")
    return tmp_path / "out"


def verdicts(out: Path) -> dict[str, tuple[str, str]]:
    table = read_table(out / "ledger.tsv", text=["qc"])
    rows = table[["participant_id", "status", "qc"]].to_numpy().tolist()
    return {name: (status, qc) for name, status, qc in rows}


def test_a_changed_limit_judges_again_and_says_so(raw: Path, out: Path) -> None:
    maps = {p: p.read_bytes() for p in out.rglob("sub-*/anat/*")}
    planned = plan(raw, out, limits=DOUBTS)
    assert planned.todo == {}
    assert planned.changes() == []
    assert planned.warnings() == [
        "the limits of the quality control are others than before (overlap.fine was at"
        " least 0.92, is at least 0.96 now): the recorded numbers were judged again, no"
        " map is made again for that; 2 scans (sub-01, sub-02) are check, ok before"
    ]
    assert verdicts(out) == {"sub-01": ("ok", "ok"), "sub-02": ("ok", "ok")}
    finish(planned)
    assert verdicts(out) == {"sub-01": ("ok", "check"), "sub-02": ("ok", "check")}
    assert "expected at least 0.96" in (out / "ledger.tsv").read_text()
    assert plan(raw, out, limits=DOUBTS).warnings() == []
    assert made(raw, out) == []
    assert verdicts(out) == {"sub-01": ("ok", "ok"), "sub-02": ("ok", "ok")}
    assert maps == {p: p.read_bytes() for p in maps}


def test_seconds_and_memory_of_a_row_stay(raw: Path, out: Path) -> None:
    columns = ["seconds", "peak_mb", "fingerprint", "overlap"]
    before = read_table(out / "ledger.tsv", text=["fingerprint"])[columns]
    made(raw, out, limits=DOUBTS)
    after = read_table(out / "ledger.tsv", text=["fingerprint"])[columns]
    assert after.equals(before)


def test_what_is_refused_now_keeps_its_maps_and_is_not_used(
    raw: Path, out: Path
) -> None:
    made(raw, out, limits=REFUSES)
    assert set(verdicts(out).values()) == {("failed", "failed")}
    refused = refused_by_quality(out / "ledger.tsv", *GRID)
    assert refused == {ScanId("sub-01"), ScanId("sub-02")}
    assert refused_by_quality(out / "ledger.tsv", GRID[0], 1) == set()
    assert verify_derivatives(out) == []
    planned = plan(raw, out, limits=REFUSES)
    assert planned.todo == {}
    # Nothing is gained by making the same maps again.
    again = PreprocessSettings(resolution=2, limits=REFUSES)
    assert plan_cohort(find_scans(raw), out, again, retry_failed=True).todo == {}
    assert made(raw, out) == []
    assert refused_by_quality(out / "ledger.tsv", *GRID) == set()


def test_scans_that_are_not_asked_for_are_judged_too(raw: Path, out: Path) -> None:
    planned = plan(raw, out, "sub-01", limits=DOUBTS)
    assert "2 scans (sub-01, sub-02) are check" in planned.warnings()[0]
    finish(planned)
    assert {qc for _, qc in verdicts(out).values()} == {"check"}


def test_a_scan_that_was_refused_without_maps_is_tried_again(
    raw: Path, out: Path
) -> None:
    """Its numbers pass now; where they do not, or there are none, it stays refused."""
    for name in ("sub-01", "sub-02"):
        next(out.glob(f"{name}/anat/*logjacobian_T1w.json")).unlink()
    table = read_table(out / "ledger.tsv", text=["fingerprint"])
    overlaps, words = [0.9, float("nan")], ["low overlap", "no image"]
    refused = table.assign(
        status="failed", qc=["failed", "n/a"], overlap=overlaps, reason=words
    )
    write_table(out / "ledger.tsv", refused)
    assert plan(raw, out, limits=REFUSES).todo == {}
    assert list(plan(raw, out).todo) == ["sub-01"]
    assert made(raw, out) == ["sub-01"]


def test_the_limits_of_a_folder_are_kept(raw: Path, out: Path) -> None:
    kept = read_kept(out, GRID)
    assert kept is not None
    assert kept.settings.limits == QualityLimits()
    made(raw, out, limits=DOUBTS)
    kept = read_kept(out, GRID)
    assert kept is not None
    assert kept.settings == PreprocessSettings(resolution=2, limits=DOUBTS)
    made(raw, out, "sub-01", resolution=1)
    assert read_kept(out, GRID) == kept
    assert set(json.loads((out / "preprocessing.json").read_text())) == {
        "space-MNI152NLin2009cSym_res-1",
        "space-MNI152NLin2009cSym_res-2",
    }
    write_json(out / "preprocessing.json", {"space-MNI152NLin2009cSym_res-2": 3})
    assert read_kept(out, GRID) is None


def test_a_prediction_leaves_the_verdicts_of_a_cohort(raw: Path, out: Path) -> None:
    """It judges the one scan by the limits of its model, for itself."""
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    settings = PreprocessSettings(resolution=2, limits=REFUSES)
    found = find_scans(raw_path(raw, ScanId("sub-01")))
    planned = plan_cohort(found, out, settings, purpose=PREDICTION)
    engine = Here()
    table = finish(planned, engine)
    rows = dict(zip(table["participant_id"], table["status"], strict=True))
    assert (rows, engine.done) == ({"sub-01": "failed", "sub-02": "ok"}, [])
    assert before == {p: p.read_bytes() for p in before}
