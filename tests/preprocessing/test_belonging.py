"""A folder of maps belongs to one data set; nothing of another is written over."""

import json
import shutil
from pathlib import Path

import pytest

from crosswarp.bids.dataset import FoundScans, find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import raw_path
from crosswarp.errors import OccupiedError
from crosswarp.outputs import PREDICTION, made_for
from crosswarp.preprocessing.cohort import plan_cohort
from crosswarp.preprocessing.request import map_path
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.readers import source
from tests.made_maps import finish, made, plan, write_scans

FAST = PreprocessSettings(resolution=2)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return write_scans(tmp_path / "raw", "sub-01", "sub-02")


def test_the_raw_data_set_is_never_the_output(tmp_path: Path) -> None:
    """A raw data set keeps its description, its .bidsignore and its folders."""
    raw = write_scans(tmp_path / "bids", "sub-01")
    described = {"Name": "My study", "BIDSVersion": "1.8.0", "Authors": ["A", "B"]}
    (raw / "dataset_description.json").write_text(json.dumps(described))
    (raw / ".bidsignore").write_text("sub-99/\n")
    before = snapshot(raw)
    (tmp_path / "link").symlink_to(raw)
    for out in (raw, tmp_path / "link", raw / "sub-01", tmp_path):
        with pytest.raises(OccupiedError):
            made(raw, out)
    assert snapshot(raw) == before
    within = raw / "derivatives" / "crosswarp"
    assert made(raw, within) == ["sub-01"]
    assert made(raw, within) == []
    kept = {name: content for name, content in snapshot(raw).items() if name in before}
    assert kept == before


def test_another_data_set_is_refused_and_its_maps_stay(
    raw: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    made(raw, out)
    before = snapshot(out)
    other = write_scans(tmp_path / "other", "sub-01", "sub-03", text="bad")
    with pytest.raises(OccupiedError, match=r"another data set, from \.\./raw as seen"):
        made(other, out)
    with pytest.raises(OccupiedError, match="none of the scans in"):
        made(other, out, "sub-03")
    assert snapshot(out) == before
    assert made(raw, out) == []


def test_another_folder_of_nifti_files_is_refused(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "head.nii.gz").write_text(f"{name}'s head")
    out = tmp_path / "out"
    assert made(tmp_path / "one", out) == ["sub-head"]
    links = json.loads((out / "dataset_description.json").read_text())["DatasetLinks"]
    assert links == {"scans": "../one"}
    with pytest.raises(OccupiedError, match="maps of another data set"):
        made(tmp_path / "other", out)


def test_a_data_set_that_was_moved_is_the_same(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(raw, out, "sub-01")
    moved = raw.rename(tmp_path / "moved")
    assert made(moved, out) == ["sub-02"]
    again = moved.rename(tmp_path / "again")
    write_scans(again, "sub-03")
    # Only the new one is asked: that the others are the same is found by their files.
    assert made(again, out, "sub-03") == ["sub-03"]
    links = json.loads((out / "dataset_description.json").read_text())["DatasetLinks"]
    assert links == {"raw": "../again"}


def test_a_file_that_cannot_be_read_tells_nothing(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(raw, tmp_path / "out")
    moved = write_scans(raw.rename(tmp_path / "moved"), "sub-03")
    digest = source.file_digest

    def refuse_the_first(path: Path) -> str:
        if path.name.startswith("sub-01"):
            raise PermissionError(13, "denied", str(path))
        return digest(path)

    monkeypatch.setattr(source, "file_digest", refuse_the_first)
    assert made(moved, tmp_path / "out", "sub-03") == ["sub-03"]


def test_a_data_set_of_failures_can_be_moved(tmp_path: Path) -> None:
    raw = write_scans(tmp_path / "raw", "sub-01", text="bad")
    made(raw, tmp_path / "out")
    assert made(raw.rename(tmp_path / "moved"), tmp_path / "out") == []


def test_a_folder_of_an_earlier_version_goes_on(raw: Path, tmp_path: Path) -> None:
    """Its description names no command, and of flat folders no source."""
    out = tmp_path / "out"
    made(raw, out)
    path = out / "dataset_description.json"
    described = json.loads(path.read_text())
    del described["GeneratedBy"][0]["Description"]
    del described["DatasetLinks"]
    path.write_text(json.dumps(described))
    assert plan(raw, out).todo == {}
    other = write_scans(tmp_path / "other", "sub-01", text="another")
    with pytest.raises(OccupiedError, match="maps of another data set, and none"):
        plan(other, out)
    for folder in out.glob("sub-*"):
        shutil.rmtree(folder)
    assert list(plan(other, out).todo) == ["sub-01"]


def test_nothing_to_compare_is_another_data_set(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(raw, out)
    new = tmp_path / "new"
    new.mkdir()
    empty = FoundScans([], [(ScanId("sub-9"), "two images")], [], place=new)
    with pytest.raises(OccupiedError, match="maps of another data set"):
        plan_cohort(empty, out, FAST)


def test_what_its_owner_added_stays(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(raw, out)
    path = out / "dataset_description.json"
    added = {"Name": "Maps of us", "Authors": ["A"], "DatasetLinks": {"atlas": "x"}}
    path.write_text(json.dumps({**json.loads(path.read_text()), **added}))
    (out / ".bidsignore").write_text("notes/\n")
    made(raw, out)
    described = json.loads(path.read_text())
    assert (described["Name"], described["Authors"]) == ("Maps of us", ["A"])
    assert described["DatasetLinks"] == {"atlas": "x", "raw": "../raw"}
    ignored = (out / ".bidsignore").read_text().splitlines()
    assert ignored[0] == "notes/"
    assert ignored.count("ledger.tsv") == 1


def test_an_output_in_the_scans_is_not_read_again(tmp_path: Path) -> None:
    """Of a tree of DICOM files, and beside archives; one's own is not even named."""
    tree = tmp_path / "exam"
    (tree / "a").mkdir(parents=True)
    (tree / "a" / "1.dcm").write_bytes(bytes(128) + b"DICM")
    out = tree / "maps"
    first = find_scans(tree)
    assert [raw.path for raw in first.scans] == [tree]
    before = plan_cohort(first, out, FAST).todo["sub-exam"].fingerprint
    (out / "sub-x").mkdir(parents=True)
    described = {"DatasetType": "derivative", "GeneratedBy": [{"Name": "crosswarp"}]}
    (out / "dataset_description.json").write_text(json.dumps(described))
    (out / "sub-x" / "map.dcm").write_bytes(bytes(128) + b"DICM")
    assert (
        plan_cohort(find_scans(tree), out, FAST).todo["sub-exam"].fingerprint == before
    )

    flat = tmp_path / "flat"
    shutil.copytree(out, flat / "maps")
    (flat / "a.zip").write_bytes(b"zip")
    (flat / "b.nii").write_bytes(b"nii")
    found = find_scans(flat)
    assert [raw.scan.label for raw in found.scans] == ["sub-a", "sub-b"]
    said = ["maps: an output of crosswarp; not read as raw scans"]
    assert found.left_out == said
    assert find_scans(flat, excluding=[flat / "maps"]).left_out == []


def test_predictions_and_maps_of_cohorts_stay_apart(raw: Path, tmp_path: Path) -> None:
    """But a prediction may be made from maps that a cohort has of the very scan."""
    cohort, single = tmp_path / "cohort", tmp_path / "single"
    made(raw, cohort, "sub-01")
    one, two = (raw_path(raw, ScanId(name)) for name in ("sub-01", "sub-02"))
    planned = plan_cohort(find_scans(one), cohort, FAST, purpose=PREDICTION)
    assert planned.todo == {}
    with pytest.raises(OccupiedError, match=r"maps of a cohort, and none .*\(sub-02\)"):
        plan_cohort(find_scans(two), cohort, FAST, purpose=PREDICTION)
    other = PreprocessSettings(resolution=2, brain_mask="template")
    with pytest.raises(OccupiedError, match=r"none of this scan \(sub-01\)"):
        plan_cohort(find_scans(one), cohort, other, purpose=PREDICTION)
    planned = plan_cohort(find_scans(two), single, FAST, purpose=PREDICTION)
    finish(planned)
    assert made_for(single) is PREDICTION
    assert map_path(single, ScanId("sub-02"), 2, "preproc").is_file()
    with pytest.raises(OccupiedError, match="a prediction, made by crosswarp predict"):
        made(raw, single)
