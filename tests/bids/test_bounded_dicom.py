"""Lengths that a damaged header states take no memory."""

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from crosswarp.bids.bounded_dicom import BoundedFile, read_dataset
from crosswarp.bids.dicom_files import read_header
from crosswarp.types.arrays import SpatialMap
from tests.dicom_series import write_series

TINY = SpatialMap(np.zeros((2, 3, 2)), np.eye(4))
STATED = 1 << 31


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A file whose first element says that it has 2 GB."""
    path, *_ = write_series(tmp_path, TINY)
    content = path.read_bytes()
    at = content.index(b"\x08\x00", 300)
    wrong = content[at : at + 4] + b"UT\0\0" + struct.pack("<I", STATED)
    path.write_bytes(content[:at] + wrong + content[at + 12 :])
    return path


def test_a_wrong_length_takes_no_memory(damaged: Path) -> None:
    tracemalloc.start()
    read_header(damaged, ["Modality"])
    read_dataset(damaged, force=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < STATED / 20


def test_no_more_is_read_than_is_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    with path.open("rb") as file:
        bounded = BoundedFile(file)
        assert bounded.read(4) == b"0123"
        assert bounded.read(STATED) == b"456789"
        assert bounded.read(4) == b""
        bounded.seek(8)
        assert bounded.read() == b"89"
        bounded.seek(100)
        assert bounded.read(1) == b""


def test_an_image_is_read_whole(tmp_path: Path) -> None:
    path, *_ = write_series(tmp_path, TINY)
    image = read_dataset(path)
    assert image.pixel_array.shape == (image.Rows, image.Columns)
