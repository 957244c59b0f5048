"""One head, stored in many ways, is one map; and nothing of the person is kept."""

import gzip
import zipfile
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.execution.pool import LocalEngine
from crosswarp.preprocessing.cohort import preprocess_cohort
from crosswarp.preprocessing.scan import map_path
from crosswarp.readers.reading import read_t1w
from crosswarp.types.arrays import SpatialMap
from tests.dicom_series import PERSON, write_series
from tests.heads import colin27_path, write_head
from tests.preprocessed import QUICK

STEP = 3


@pytest.fixture(scope="module")
def head() -> SpatialMap:
    """Colin27 at 3 mm, whole numbers, below the limit of 16 bits."""
    whole = read_t1w(colin27_path())
    affine = whole.affine.copy()
    affine[:3, :3] *= STEP
    return SpatialMap(whole.values[::STEP, ::STEP, ::STEP], affine)


def write_scaled(path: Path, head: SpatialMap) -> None:
    """Store a tenth of the values, and say so; axes to the left, back and down."""
    turned = nib.Nifti1Image(head.values * 10, head.affine).as_reoriented(
        np.array([[2, -1], [0, 1], [1, -1]])
    )
    image = nib.Nifti1Image(turned.get_fdata().astype(np.uint16), turned.affine)
    image.header.set_slope_inter(0.1, 0)
    image.set_data_dtype(np.uint16)
    nib.save(image, path)


@pytest.mark.slow
@pytest.mark.registration
def test_dicom_and_scaled_nifti_give_the_plain_ones_map(
    tmp_path: Path, head: SpatialMap
) -> None:
    raw, out = tmp_path / "tête à tête", tmp_path / "out"
    write_head(raw / "plain.nii.gz", head.values.astype(np.int16), head.affine)
    write_scaled(raw / "scaled.nii.gz", head)
    sagittal = nib.Nifti1Image(head.values, head.affine).as_reoriented(
        np.array([[2, 1], [0, -1], [1, -1]])
    )
    series = SpatialMap(np.asarray(sagittal.dataobj), sagittal.affine)
    files = write_series(tmp_path / "dicom", series)
    with zipfile.ZipFile(raw / "dicom.zip", "w") as archive:
        for path in files:
            archive.write(path, path.name)

    ledger = preprocess_cohort(find_scans(raw), out, QUICK, engine=LocalEngine(2))

    assert list(ledger["status"]) == ["ok"] * 3, list(ledger["reason"])
    maps = {
        name: nib.load(map_path(out, ScanId(f"sub-{name}"), 2, "logjacobian"))
        for name in ("plain", "scaled", "dicom")
    }
    plain = maps["plain"].get_fdata()
    for name in ("scaled", "dicom"):
        np.testing.assert_array_equal(maps[name].affine, maps["plain"].affine)
        np.testing.assert_allclose(maps[name].get_fdata(), plain, atol=0.02)
    for path in (path for path in out.rglob("*") if path.is_file()):
        stored = path.read_bytes()
        unpacked = gzip.decompress(stored) if path.suffix == ".gz" else stored
        content = path.name.encode() + unpacked
        for secret in ("Zzyzx", "Quillon", *PERSON.values()):
            assert secret.encode() not in content, (path, secret)


DTYPES = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32)
WIDE = (np.int64, np.uint64, np.float32, np.float64)


@pytest.mark.parametrize("dtype", [*DTYPES, *WIDE], ids=lambda d: d.__name__)
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_type_is_read_alike(
    tmp_path: Path, head: SpatialMap, dtype: type, order: str
) -> None:
    values = (head.values // 2).clip(0, 127)
    stored = values.astype(np.dtype(dtype).newbyteorder(order))
    header = nib.Nifti1Header(endianness=order)
    header.set_data_dtype(stored.dtype)
    image = nib.Nifti1Image(stored, head.affine, header)
    nib.save(image, tmp_path / "a.nii.gz")
    scan = read_t1w(tmp_path / "a.nii.gz")
    np.testing.assert_array_equal(scan.values, values)
    np.testing.assert_allclose(scan.affine, head.affine, atol=1e-5)


@pytest.mark.parametrize("slope", [0.5, 3.7e-4, -1.0])
def test_scaled_headers_are_applied(
    tmp_path: Path, head: SpatialMap, slope: float
) -> None:
    image = nib.Nifti1Image(head.values.astype(np.int16), head.affine)
    image.header.set_slope_inter(slope, 7.5)
    nib.save(image, tmp_path / "a.nii")
    # nibabel divides by the slope when it saves, so set it in the file itself.
    content = bytearray((tmp_path / "a.nii").read_bytes())
    content[112:120] = np.array([slope, 7.5], "<f4").tobytes()
    content[352:] = head.values.astype("<i2").tobytes(order="F")
    (tmp_path / "a.nii").write_bytes(bytes(content))
    expected = head.values.astype(float) * np.float32(slope) + 7.5
    np.testing.assert_allclose(
        read_t1w(tmp_path / "a.nii").values, expected, rtol=1e-5, atol=1e-4
    )
