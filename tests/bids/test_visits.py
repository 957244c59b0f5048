"""Examinations: DICOM folders put together by person and day."""

import sys
from pathlib import Path

import numpy as np
import pytest

from crosswarp.bids.visits import examinations
from crosswarp.types.arrays import SpatialMap
from tests.dicom_series import PERSON, Protocol, write_series

TINY = SpatialMap(np.zeros((2, 2, 2)), np.eye(4))
NOBODY = {"PatientID": "", "PatientName": ""}


def found(
    root: Path, alone: bool = True
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    items, left_out = examinations(root, files, alone)
    return {
        item.path.relative_to(root).as_posix(): item.inside for item in items
    }, left_out


def test_folders_of_a_day_are_one(tmp_path: Path) -> None:
    write_series(tmp_path / "a", TINY)
    write_series(tmp_path / "b/c", TINY, Protocol(study="1.2.3"))
    assert found(tmp_path) == ({".": ("a", "b/c")}, [])


def test_saved_screens_without_an_id_go_with_their_study(tmp_path: Path) -> None:
    write_series(tmp_path / "p/mr", TINY)
    write_series(tmp_path / "p/screen", TINY, Protocol(modality="OT", person=NOBODY))
    write_series(
        tmp_path / "q", TINY, Protocol(person={**PERSON, "PatientID": "q"}, study="1.9")
    )
    assert found(tmp_path) == ({"p": ("mr", "screen"), "q": (".",)}, [])


def test_a_visit_without_mr_is_left_out_aloud(tmp_path: Path) -> None:
    write_series(tmp_path / "mr", TINY)
    write_series(tmp_path / "ct", TINY, Protocol(modality="CT", date="20190304"))
    assert found(tmp_path) == ({".": ("mr",)}, ["ct: DICOM, but no MR images"])
    write_series(tmp_path / "x/ct", TINY, Protocol(modality="CT"))
    assert found(tmp_path / "x") == ({".": ("ct",)}, [])


@pytest.mark.parametrize("name", ["", "ANONYMOUS", "anon", "0000", "Anonymized 12"])
def test_people_without_names_are_told_apart_by_study(
    tmp_path: Path, name: str
) -> None:
    who = {"PatientID": name, "PatientName": name}
    write_series(tmp_path / "p", TINY, Protocol(person=who, study="1.1"))
    write_series(tmp_path / "q", TINY, Protocol(person=who, study="1.2"))
    assert found(tmp_path) == ({"p": (".",), "q": (".",)}, [])


def test_a_date_that_stands_for_none_does_not_count(tmp_path: Path) -> None:
    write_series(tmp_path / "p", TINY, Protocol(date="19000101", study="1.1"))
    write_series(tmp_path / "q", TINY, Protocol(date="19000101", study="1.2"))
    assert len(found(tmp_path)[0]) == 2


def test_a_person_beside_other_scans_keeps_the_folder(tmp_path: Path) -> None:
    write_series(tmp_path / "p/a", TINY)
    assert found(tmp_path, alone=False) == ({"p/a": (".",)}, [])


def test_names_that_say_who_count_first(tmp_path: Path) -> None:
    write_series(tmp_path / "002_S_0001/I1234", TINY)
    write_series(tmp_path / "002_S_0001/I1235", TINY)
    write_series(tmp_path / "002_S_0002/002_S_0003", TINY)
    assert len(found(tmp_path)[0]) == 3


def test_without_pydicom_all_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_series(tmp_path / "p", TINY)
    write_series(tmp_path / "q", TINY, Protocol(date="20210304"))
    monkeypatch.setitem(sys.modules, "pydicom", None)
    assert found(tmp_path) == ({".": ("p", "q")}, [])


def test_files_without_an_image_are_no_examination(tmp_path: Path) -> None:
    write_series(tmp_path / "p", TINY)
    (tmp_path / "q").mkdir()
    (tmp_path / "q/DICOMDIR").write_bytes(bytes(128) + b"DICM" + bytes(9))
    assert found(tmp_path) == ({".": ("p",)}, ["q: DICOM, but no MR images"])
