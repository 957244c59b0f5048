"""Zip archives by the names of their members."""

import zipfile
from pathlib import Path

import pytest

from crosswarp.bids.archives import items_in, split_inside

DICOM = bytes(128) + b"DICM"


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return path


def scans(archive: Path) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(item.parts, item.inside) for item in items_in(archive)[0]]


def test_one_image_is_of_whom_the_archive_says(tmp_path: Path) -> None:
    archive = packed(tmp_path / "p.zip", {"x/y/T1.NII.GZ": b"", "x/notes.json": b""})
    assert scans(archive) == [(("p.zip",), ("x/y/T1.NII.GZ",))]


def test_images_with_names_are_a_scan_each(tmp_path: Path) -> None:
    archive = packed(
        tmp_path / "p.zip",
        {"sub-1_T1w.nii": b"", "sub-2/anat/sub-2_T1w.nii": b"", "sub-2_T2w.nii": b""},
    )
    items, left_out = items_in(archive)
    assert [item.parts[-1] for item in items] == ["sub-1_T1w.nii", "sub-2_T1w.nii"]
    assert left_out == ["p.zip/sub-2_T2w.nii: not T1w by its name"]


def test_images_without_names_stay_one_to_refuse(tmp_path: Path) -> None:
    archive = packed(
        tmp_path / "p.zip", {"a.nii": b"", "sub-2_T1w.nii": b"", "i": DICOM}
    )
    items, left_out = items_in(archive)
    assert [item.inside for item in items] == [("a.nii", "sub-2_T1w.nii")]
    assert left_out == ["p.zip: 1 DICOM files beside NIfTI files; not read"]


def test_dicom_is_split_by_names_only(tmp_path: Path) -> None:
    two = {"002_S_0001/a/1": DICOM, "002_S_0001/b/1": DICOM, "002_S_0002/1": DICOM}
    assert [inside for _, inside in scans(packed(tmp_path / "a.zip", two))] == [
        ("002_S_0001/a", "002_S_0001/b"),
        ("002_S_0002",),
    ]
    mixed = {"002_S_0001/1": DICOM, "Quillon/1": DICOM}
    assert scans(packed(tmp_path / "b.zip", mixed)) == [(("b.zip",), ())]


def test_folders_of_two_people_stay_one(tmp_path: Path) -> None:
    both = {"002_S_0001/002_S_0002/1": DICOM, "002_S_0001/1.nii": b""}
    assert len(scans(packed(tmp_path / "a.zip", both))) == 1
    assert (
        len(scans(packed(tmp_path / "b.zip", {"002_S_1111/002_S_2222/1": DICOM}))) == 1
    )


@pytest.mark.parametrize("kind", ["no zip", "encrypted", "damaged"])
def test_what_cannot_be_looked_into_is_one_scan(tmp_path: Path, kind: str) -> None:
    archive = packed(tmp_path / "a.zip", {"x": DICOM * 9})
    content = bytearray(archive.read_bytes())
    if kind == "no zip":
        content = bytearray(b"<html>")
    elif kind == "encrypted":
        for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            content[content.rindex(signature) + offset] |= 1
    else:
        content[0:4] = b"XXXX"
    archive.write_bytes(bytes(content))
    assert scans(archive) == [(("a.zip",), ())]


def test_a_path_may_go_on_in_an_archive(tmp_path: Path) -> None:
    archive = packed(tmp_path / "m.ZIP", {"7/T1.nii": b""})
    assert split_inside(archive / "7/T1.nii") == (archive, ("7/T1.nii",))
    assert split_inside(archive) == (archive, ())
    # A folder with such a name is a folder.
    folder = tmp_path / "unpacked.zip"
    folder.mkdir()
    assert split_inside(folder / "T1.nii") == (folder / "T1.nii", ())
