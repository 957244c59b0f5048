"""Folders that are no BIDS data set: who the scans are of, and what is refused."""

from pathlib import Path

import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.flat import is_dicom_source
from crosswarp.errors import InputError

DICOM = bytes(128) + b"DICM"


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True, parents=True)
    for name in names:
        (folder / name).touch()


def test_every_file_is_a_scan(tmp_path: Path) -> None:
    touch(tmp_path, "b 2.nii", "Zoé.nii.gz", "sub-x_ses-1_T1w.nii", "c.ZIP", ".hidden")
    touch(tmp_path, "notes.txt")
    (tmp_path / "more").mkdir()
    found = find_scans(tmp_path)
    assert {raw.scan.label: raw.path.name for raw in found.scans} == {
        "sub-Zoe": "Zoé.nii.gz",
        "sub-b2": "b 2.nii",
        "sub-c": "c.ZIP",
        "sub-x_ses-1": "sub-x_ses-1_T1w.nii",
    }
    assert found.left_out == ["more: a folder", "notes.txt: no NIfTI file or zip"]
    assert (found.problems, found.root) == ([], None)


def test_two_files_of_one_name_are_refused_alone(tmp_path: Path) -> None:
    touch(tmp_path, "a-1.nii", "a1.nii.gz", "other.nii")
    found = find_scans(tmp_path)
    assert [raw.scan.label for raw in found.scans] == ["sub-other"]
    [(scan, reason)] = found.problems
    assert scan.label == "sub-a1"
    assert reason == "a-1.nii and a1.nii.gz give the same name; rename them"


def test_two_sessions_of_one_participant(tmp_path: Path) -> None:
    touch(tmp_path, "sub-1_ses-1_T1w.nii", "sub-1_ses-2_T1w.nii")
    labels = [raw.scan.label for raw in find_scans(tmp_path).scans]
    assert labels == ["sub-1_ses-1", "sub-1_ses-2"]


def test_a_dicom_examination_is_one_scan(tmp_path: Path) -> None:
    folder = tmp_path / "é 12"
    touch(folder / "series", "1", "2")
    (folder / "series/2").write_bytes(DICOM)
    [raw] = find_scans(folder, series=7).scans
    assert (raw.scan.label, raw.path, raw.series) == ("sub-e12", folder, 7)
    assert is_dicom_source(raw.path)


def test_files_come_before_dicom_below(tmp_path: Path) -> None:
    touch(tmp_path, "a.nii")
    touch(tmp_path / "deep")
    (tmp_path / "deep/1.dcm").write_bytes(DICOM)
    found = find_scans(tmp_path)
    assert [raw.path.name for raw in found.scans] == ["a.nii"]
    assert found.left_out == ["deep: a folder"]


def test_some_participants(tmp_path: Path) -> None:
    touch(tmp_path, "a.nii", "b.nii", "c.nii")
    found = find_scans(tmp_path, participants=["c", "sub-a"])
    assert [raw.scan.label for raw in found.scans] == ["sub-a", "sub-c"]
    with pytest.raises(InputError, match="sub-9 not among the scans, which are of su"):
        find_scans(tmp_path, participants=["9"])


def test_a_folder_without_scans_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "notes.txt")
    with pytest.raises(InputError, match="or DICOM files"):
        find_scans(tmp_path)
