"""DICOM by its bytes: with a preamble, without one, and what only looks like it."""

import struct
from pathlib import Path

import numpy as np
import pydicom
import pytest

from crosswarp.bids.dicom_files import (
    is_dicom_file,
    looks_dicom,
    read_header,
    tag_number,
    tag_text,
)
from crosswarp.types.arrays import SpatialMap
from tests.dicom_series import write_series, write_without_preamble

TINY = SpatialMap(np.zeros((2, 3, 2)), np.eye(4))


def element(group: int, number: int, value: bytes, kind: bytes = b"") -> bytes:
    size = "<H" if kind else "<I"
    return (
        struct.pack("<HH", group, number) + kind + struct.pack(size, len(value)) + value
    )


EXPLICIT = (
    element(8, 5, b"ISO_IR 100", b"CS")
    + element(8, 8, b"ORIGINAL\\PRIMARY ", b"CS")
    + element(8, 0x16, b"1.2.840 ", b"UI")
)


@pytest.mark.parametrize("kind", ["preamble", "implicit"])
def test_headers_are_read(tmp_path: Path, kind: str) -> None:
    path, *_ = write_series(tmp_path, TINY)
    if kind == "implicit":
        write_without_preamble(path)
        assert path.read_bytes()[128:132] != b"DICM"
    assert is_dicom_file(path)
    header = read_header(path, ["Modality", "EchoTime"])
    assert header is not None
    assert (tag_text(header, "Modality"), tag_number(header, "EchoTime")) == (
        "MR",
        2.98,
    )
    assert (tag_text(header, "PatientID"), tag_number(header, "Columns")) == ("", None)


def test_bytes_without_a_preamble() -> None:
    assert looks_dicom(EXPLICIT)
    long = element(8, 5, b"ISO_IR 100", b"CS") + struct.pack(
        "<HH2sHI", 8, 6, b"SQ", 0, 0
    )
    assert looks_dicom(long + element(8, 8, b"ORIGINAL", b"CS"))
    group_two = element(2, 0, struct.pack("<I", 9), b"UL") + element(
        2, 2, b"1.2 ", b"UI"
    )
    assert looks_dicom(group_two + element(8, 5, b"ISO_IR 100", b"CS"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(600),
        b"\x08\x00",
        EXPLICIT[:20],
        element(8, 8, b"x" * 400),
        element(8, 8, b"A ", b"CS") * 3,
        b"<html>" + bytes(200),
        struct.pack("<i", 348) + bytes(400),
    ],
)
def test_other_bytes(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    assert not is_dicom_file(tmp_path / "a")
    assert read_header(tmp_path / "a", []) is None


def test_what_is_not_there_is_no_dicom(tmp_path: Path) -> None:
    assert not is_dicom_file(tmp_path / "a", unreadable=True)
    with pytest.raises(FileNotFoundError):
        read_header(tmp_path / "a", [])


def test_a_file_without_an_image_has_no_header(tmp_path: Path) -> None:
    path, *_ = write_series(tmp_path, TINY)
    image = pydicom.dcmread(path)
    del image.PixelData, image.Rows
    image.save_as(path)
    assert is_dicom_file(path)
    assert read_header(path, ["Modality"]) is None
