"""Folders that are no BIDS data set: every scan in them, and what is refused."""

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.raw import FoundScans
from crosswarp.bids.series import SeriesChoice
from crosswarp.bids.tree import may_be_dicom
from crosswarp.errors import InputError, ScanError
from crosswarp.readers.source import read_source, source_digest
from crosswarp.types.arrays import SpatialMap
from tests.dicom_series import PERSON, Protocol, write_series

DICOM = bytes(128) + b"DICM"
OTHER = {**PERSON, "PatientID": "other", "PatientName": "Other"}
TINY = SpatialMap(np.zeros((2, 2, 2)), np.eye(4))


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True, parents=True)
    for name in names:
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        # No two alike, so that none is taken for a copy of another.
        path.write_text(name)


def taken(found: FoundScans, root: Path) -> dict[str, str]:
    return {
        raw.scan.label: raw.path.relative_to(root).as_posix() for raw in found.scans
    }


def test_every_file_is_a_scan(tmp_path: Path) -> None:
    touch(tmp_path, "b 2.nii", "Zoé.nii.gz", "sub-x_ses-1_T1w.nii", "c.ZIP", ".hidden")
    touch(tmp_path, "notes.txt", "sub-x_ses-1_T2w.nii")
    (tmp_path / "more").mkdir()
    found = find_scans(tmp_path)
    assert taken(found, tmp_path) == {
        "sub-Zoe": "Zoé.nii.gz",
        "sub-b2": "b 2.nii",
        "sub-c": "c.ZIP",
        "sub-x_ses-1": "sub-x_ses-1_T1w.nii",
    }
    assert found.left_out == [
        "notes.txt: no NIfTI, zip or DICOM file",
        "sub-x_ses-1_T2w.nii: not T1w by its name",
    ]
    assert (found.problems, found.root) == ([], None)


def test_a_pair_is_one_scan_and_a_link_to_nothing_one_too(tmp_path: Path) -> None:
    touch(tmp_path, "a.img", "a.HDR", "alone.hdr", "b.NII.GZ")
    (tmp_path / "c.nii").symlink_to("nowhere")
    found = find_scans(tmp_path)
    assert taken(found, tmp_path) == {
        "sub-a": "a.img",
        "sub-b": "b.NII.GZ",
        "sub-c": "c.nii",
    }
    assert found.left_out == ["alone.hdr: no NIfTI, zip or DICOM file"]


def test_two_files_of_one_name_are_refused_alone(tmp_path: Path) -> None:
    touch(tmp_path, "a-1.nii", "a1.nii.gz", "other.nii")
    found = find_scans(tmp_path)
    assert [raw.scan.label for raw in found.scans] == ["sub-other"]
    [(scan, reason)] = found.problems
    assert scan.label == "sub-a1"
    assert reason == "a-1.nii and a1.nii.gz give the same name; rename them"


def test_the_same_image_packed_and_unpacked_is_one(tmp_path: Path) -> None:
    touch(tmp_path, "a.nii", "b.nii")
    (tmp_path / "a.nii.gz").write_bytes(gzip.compress(b"a.nii"))
    (tmp_path / "b.nii.gz").write_bytes(b"\x1f\x8bdamaged")
    found = find_scans(tmp_path)
    assert taken(found, tmp_path) == {"sub-a": "a.nii"}
    assert found.left_out == ["a.nii.gz: the same image as a.nii"]
    assert [scan.label for scan, _ in found.problems] == ["sub-b"]


def test_two_sessions_of_one_participant(tmp_path: Path) -> None:
    touch(tmp_path, "sub-1_ses-1_T1w.nii", "sub-1_ses-2_T1w.nii")
    labels = [raw.scan.label for raw in find_scans(tmp_path).scans]
    assert labels == ["sub-1_ses-1", "sub-1_ses-2"]


def test_a_dicom_examination_is_one_scan(tmp_path: Path) -> None:
    folder = tmp_path / "é 12"
    touch(folder / "series", "1", "2")
    (folder / "series/2").write_bytes(DICOM)
    [raw] = find_scans(folder, series=SeriesChoice(7)).scans
    assert (raw.scan.label, raw.path, raw.series) == ("sub-e12", folder, 7)
    assert raw.inside == ("series",)
    assert may_be_dicom(raw.path)


def test_dicom_of_one_and_nifti_of_another_are_both_read(tmp_path: Path) -> None:
    write_series(tmp_path / "A/series 1", TINY)
    write_series(tmp_path / "A/series 2", TINY, Protocol(number=5))
    touch(tmp_path, "B/T1.nii.gz", "c.nii", "D.zip", "A/notes.txt")
    found = find_scans(tmp_path, series=SeriesChoice(5))
    assert taken(found, tmp_path) == {
        "sub-A": "A",
        "sub-B": "B/T1.nii.gz",
        "sub-D": "D.zip",
        "sub-c": "c.nii",
    }
    assert [raw.series for raw in found.scans] == [5, None, 5, None]
    assert found.left_out == ["A/notes.txt: no NIfTI, zip or DICOM file"]


def test_people_in_folders_are_told_apart(tmp_path: Path) -> None:
    write_series(tmp_path / "site/A/series 1", TINY)
    write_series(tmp_path / "site/A/series 2", TINY, Protocol(number=5))
    write_series(tmp_path / "site/B", TINY, Protocol(person=OTHER))
    for given in (tmp_path, tmp_path / "site"):
        found = find_scans(given)
        assert taken(found, tmp_path) == {"sub-A": "site/A", "sub-B": "site/B"}


def test_visits_in_folders_are_sessions(tmp_path: Path) -> None:
    root = tmp_path / "P 1"
    write_series(root / "visit1/a", TINY, Protocol(number=3))
    write_series(
        root / "visit2/a", TINY, Protocol(number=3, date="20210101"[:6] + "12")
    )
    texts = ["3", "ses-visit2=4"]
    found = find_scans(root, series=SeriesChoice.parse(texts))
    assert taken(found, root) == {
        "sub-P1_ses-visit1": "visit1/a",
        "sub-P1_ses-visit2": "visit2/a",
    }
    assert [raw.series for raw in found.scans] == [3, 4]
    with pytest.raises(InputError, match="names ses-visit3, but the DICOM scans are"):
        find_scans(root, series=SeriesChoice.parse(["ses-visit3=3"]))


def test_loose_files_of_several_people_are_one_scan_to_refuse(tmp_path: Path) -> None:
    write_series(tmp_path / "x", TINY)
    write_series(tmp_path / "x", TINY, Protocol(number=9, person=OTHER))
    [raw] = find_scans(tmp_path / "x").scans
    assert (raw.scan.label, raw.inside) == ("sub-x", (".",))


ADNI = "ADNI/002_S_0295/MP-RAGE/2006-04-18_08_20_30.0/I45108"
LATER = "ADNI/002_S_0295/MP-RAGE/2007-05-01_10_00_00.0/I60001"
LONG = "ADNI/002_S_10295/MPRAGE/2020-01-02_10_00_00.0/I999999"
NAME = "ADNI_002_S_0295_MR_MP-RAGE__br_raw_20060418193538992_1_S13408_I45108.nii"


def test_a_tree_of_adni(tmp_path: Path) -> None:
    touch(tmp_path / ADNI, NAME)
    touch(tmp_path / LATER, "x.nii")
    write_series(tmp_path / LONG, TINY)
    write_series(tmp_path / LONG.replace("I999999", "I999998"), TINY)
    labels = [raw.scan.label for raw in find_scans(tmp_path).scans]
    assert labels == [
        "sub-002S0295_ses-20060418I45108",
        "sub-002S0295_ses-20070501I60001",
        "sub-002S10295_ses-20200102I999998",
        "sub-002S10295_ses-20200102I999999",
    ]


def test_a_zip_of_an_adni_tree(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "part1.zip", "w") as packed:
        packed.writestr(f"{ADNI}/{NAME}", "one")
        packed.writestr(f"{LATER}/x.nii", "two")
        packed.writestr("__MACOSX/ADNI/._x.nii", "no")
    for given in (tmp_path, tmp_path / "part1.zip"):
        found = find_scans(given)
        assert [(raw.scan.label, raw.inside) for raw in found.scans] == [
            ("sub-002S0295_ses-20060418I45108", (f"{ADNI}/{NAME}",)),
            ("sub-002S0295_ses-20070501I60001", (f"{LATER}/x.nii",)),
        ]


def test_one_place_of_two_people_is_refused(tmp_path: Path) -> None:
    touch(tmp_path / "005_S_0221", "002_S_0295.nii")
    found = find_scans(tmp_path)
    [(scan, reason)] = found.problems
    assert reason.startswith("names of two people in one place, sub-002S0295 and sub-")
    assert scan.label == "sub-005S0221002S0295"


def test_a_bids_data_set_one_level_down(tmp_path: Path) -> None:
    touch(tmp_path, "raw/sub-1/ses-2/anat/sub-1_ses-2_T1w.nii", "raw/sub-2/head.nii")
    labels = [raw.scan.label for raw in find_scans(tmp_path).scans]
    assert labels == ["sub-1_ses-2", "sub-2"]


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["p1/T1.nii", "p2/T1.nii"], ["p1", "p2"]),
        (["p1/bl/T1.nii", "p1/m12/T1.nii"], ["p1_ses-bl", "p1_ses-m12"]),
        (["AD/p1.nii", "AD/p2.nii", "CN/p3.nii"], ["p1", "p2", "p3"]),
        (["AD/p1/T1.nii", "CN/p3/T1.nii"], ["p1", "p3"]),
        (["p1/p1_bl.nii", "p1/p1_m12.nii"], ["p1_ses-bl", "p1_ses-m12"]),
        (["p1/a.nii", "p2/b.nii"], ["p1", "p2"]),
        (["nifti/T1.nii"], ["ROOT"]),
    ],
)
def test_files_in_folders(tmp_path: Path, names: list[str], labels: list[str]) -> None:
    root = tmp_path / "ROOT"
    touch(root, *names)
    found = [raw.scan.label.removeprefix("sub-") for raw in find_scans(root).scans]
    assert found == labels


def test_linked_folders_are_followed_once(tmp_path: Path) -> None:
    write_series(tmp_path / "elsewhere", TINY)
    root = tmp_path / "root"
    touch(root, "a.nii")
    (root / "P").symlink_to(tmp_path / "elsewhere")
    (root / "Q").symlink_to(tmp_path / "elsewhere")
    (root / "circle").symlink_to(root)
    found = find_scans(root)
    assert taken(found, root) == {"sub-P": "P", "sub-a": "a.nii"}
    assert found.left_out == [
        "Q: a link to a folder that is read already",
        "circle: a link to a folder that is read already",
    ]


def test_outputs_and_derivatives_are_no_input(tmp_path: Path) -> None:
    write_series(tmp_path / "dicom", TINY)
    touch(tmp_path, "out/a.nii", "fmriprep/b.nii")
    described = '{"DatasetType": "derivative"}'
    (tmp_path / "fmriprep/dataset_description.json").write_text(described)
    found = find_scans(tmp_path, excluding=[tmp_path / "out", tmp_path / "absent"])
    assert [raw.inside for raw in found.scans] == [("dicom",)]
    assert found.left_out == ["fmriprep: a derivative data set; not read as raw scans"]


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


def test_what_cannot_be_opened_is_said_or_a_scan_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "a.nii", "notes.txt", "Zoe/IM0001")
    (tmp_path / "IM0002").symlink_to("nowhere")
    opened = Path.open

    def refuse(path: Path, *words: str, **more: object) -> object:
        if path.name in ("IM0001", "notes.txt"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *words, **more)

    monkeypatch.setattr(Path, "open", refuse)
    found = find_scans(tmp_path)
    assert found.left_out == [
        "IM0002: a link to a file that is not there",
        "notes.txt: cannot be read (Permission denied)",
    ]
    assert [raw.scan.label for raw in found.scans] == ["sub-Zoe", "sub-a"]
    zoe = found.scans[0]
    with pytest.raises(ScanError, match="Zoe cannot be read: no permission to read it"):
        source_digest(zoe.path, zoe.inside)
    with pytest.raises(ScanError, match="Zoe cannot be read: no permission to read it"):
        read_source(zoe.path, inside=zoe.inside)


def test_a_folder_of_derivatives_only_is_refused_with_the_reason(
    tmp_path: Path,
) -> None:
    touch(tmp_path, "out/a.nii")
    described = '{"DatasetType": "derivative"}'
    (tmp_path / "out/dataset_description.json").write_text(described)
    with pytest.raises(InputError, match="not looked into: out: a derivative data set"):
        find_scans(tmp_path)
