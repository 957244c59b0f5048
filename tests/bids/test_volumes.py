"""Maps are read within bounds, and their checksums are compared."""

import gzip
import struct
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from crosswarp.bids.volumes import open_volume
from crosswarp.errors import ScanError

VALUES = np.random.default_rng(0).normal(size=(7, 8, 9)).astype(np.float32)
AFFINE = np.diag([2.0, 2, 2, 1])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "map.nii.gz"
    nib.save(nib.Nifti1Image(VALUES, AFFINE), made)
    return made


def patched(path: Path, place: int, layout: str, *values: float) -> None:
    content = bytearray(gzip.decompress(path.read_bytes()))
    struct.pack_into(layout, content, place, *values)
    path.write_bytes(gzip.compress(bytes(content)))


@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
@pytest.mark.parametrize("dtype", [np.uint8, ">i2", np.float64])
def test_values_are_those_of_nibabel(tmp_path: Path, kind: type, dtype: type) -> None:
    path = tmp_path / "map.nii"
    image = kind((VALUES * 50 + 100).astype(dtype), AFFINE)
    image.header.set_slope_inter(0.5, 3)
    nib.save(image, path)
    found = open_volume(path)
    np.testing.assert_array_equal(
        found.values(), nib.load(path).get_fdata(dtype=np.float32)
    )
    np.testing.assert_array_equal(found.affine, AFFINE)
    assert found.shape == VALUES.shape


def test_every_cut_is_refused(path: Path) -> None:
    content = path.read_bytes()
    for length in range(0, len(content), 97):
        path.write_bytes(content[:length])
        with pytest.raises(
            ScanError, match=r"map\.nii\.gz (cannot be read|is damaged)"
        ):
            open_volume(path).values()


def test_a_changed_byte_is_told_by_the_checksum(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-7] ^= 1
    path.write_bytes(content)
    with pytest.raises(ScanError, match="is damaged"):
        open_volume(path).values()


@pytest.mark.parametrize(
    ("place", "layout", "values", "told"),
    [
        (40, "<8h", (3, 30000, 30000, 30000, 1, 1, 1, 1), "30000 x 30000 x 30000"),
        (40, "<8h", (3, 0, 8, 9, 1, 1, 1, 1), "0 x 8 x 9"),
        (70, "<h", (32,), "complex64"),
        (70, "<h", (128,), "not numbers"),
        (70, "<h", (999,), "999"),
        (108, "<f", (float("nan"),), "cannot be read"),
        (108, "<f", (1e30,), "voxels begin at byte"),
        (0, "<i", (7,), "no header of NIfTI"),
    ],
)
def test_headers_that_promise_too_much(
    path: Path, place: int, layout: str, values: tuple[float, ...], told: str
) -> None:
    patched(path, place, layout, *values)
    with pytest.raises(ScanError, match=told) as caught:
        open_volume(path)
    assert str(caught.value).endswith("; preprocess this scan again")
    assert "\n" not in str(caught.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="no regular file"):
        open_volume(tmp_path)
