"""Read a scan, or say in one line why it cannot be used.

Nothing here trusts the file: the gzip checksum is verified (nibabel does not),
the size is taken from the header before memory is, and every number is looked at.
"""

import gzip
import io
import zlib
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np
from nibabel.spatialimages import HeaderDataError
from nibabel.wrapstruct import WrapStructError

from crosswarp.errors import ScanError
from crosswarp.types.arrays import Affine, ScalarMap, SpatialMap

SUFFIXES: Final = (".nii", ".nii.gz")
MAX_VOXELS: Final = 512**3
"""Largest scan read: 0.5 mm in a field of view of 256 mm."""

LEAST_FIELD_OF_VIEW: Final = 100.0
"""Millimetres along every axis below which a head cannot be whole."""

THICKEST: Final = 6.0
"""Millimetres: thicker slices leave nothing of a hippocampus."""

AIR_IN_CT: Final = (-1100.0, -900.0)
"""Hounsfield units of air."""

LEAST_AIR: Final = 0.05
"""Share of voxels with such values from which on an image is a CT."""

SMALLEST_VOXEL: Final = 1e-6
"""Cubic millimetres; below, axes of the affine coincide."""

_HEADER_BYTES: Final = 348
_LONGEST_EXTENSION: Final = 1 << 20


def read_t1w(path: Path) -> SpatialMap:
    """Read one T1w image and check all that can be checked without looking for a head.

    Args:
        path: A ``.nii`` or ``.nii.gz`` file of one volume.

    Returns:
        Values as the header scales them, float32, on the axes nearest to RAS+.

    Raises:
        ScanError: If the file is missing, damaged, not one 3D volume, without a
            usable affine, holds values that are not finite, shows nothing, or is CT.
    """
    header, content = _header_and_content(path)
    _check_header(path, header)
    t1w = nib.Nifti1Image.from_bytes(content)
    values: ScalarMap = np.squeeze(t1w.get_fdata(dtype=np.float32))
    _check_values(path, values)
    canonical = nib.as_closest_canonical(nib.Nifti1Image(values, t1w.affine))
    scan = SpatialMap(np.asarray(canonical.dataobj), canonical.affine)
    _check_geometry(path, scan)
    return scan


def _header_and_content(path: Path) -> tuple[nib.Nifti1Header, bytes]:
    if not path.is_file():
        msg = f"no scan at {path}"
        raise ScanError(msg)
    if not path.name.endswith(SUFFIXES):
        msg = f"{path.name}: expected a NIfTI file, {' or '.join(SUFFIXES)}"
        raise ScanError(msg)
    if path.stat().st_size == 0:
        msg = f"{path.name}: the file is empty; copy it again"
        raise ScanError(msg)
    try:
        with _opened(path) as file:
            start = file.read(_HEADER_BYTES)
            header = _parse_header(path, start)
            most = _stored_bytes(path, header)
            content = start + file.read(most + 1)
            # Reading to the end is what makes gzip verify its checksum.
            if len(content) - len(start) > most or file.read(1):
                msg = f"{path.name}: holds more than its header says; not read"
                raise ScanError(msg)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        msg = f"{path.name}: damaged or incomplete ({error}); copy it again"
        raise ScanError(msg) from error
    if len(content) < _end_of_voxels(header):
        msg = (
            f"{path.name}: incomplete, {len(content)} bytes where the header needs"
            f" {_end_of_voxels(header)}; copy it again"
        )
        raise ScanError(msg)
    return header, content


def _opened(path: Path) -> io.BufferedIOBase:
    with path.open("rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if compressed else path.open("rb")


def _parse_header(path: Path, start: bytes) -> nib.Nifti1Header:
    try:
        header = nib.Nifti1Header.from_fileobj(io.BytesIO(start), check=False)
        magic = bytes(header["magic"])[:2]
    except (HeaderDataError, WrapStructError, ValueError) as error:
        msg = f"{path.name}: not a NIfTI file ({error})"
        raise ScanError(msg) from error
    if magic != b"n+":
        page = start.lstrip()[:1] == b"<"
        looks = "; it looks like a web page" if page else ""
        msg = f"{path.name}: not a NIfTI-1 file{looks}"
        raise ScanError(msg)
    return header


def _stored_bytes(path: Path, header: nib.Nifti1Header) -> int:
    """Bytes that may follow the header, refused before any is read."""
    shape = [int(n) for n in header["dim"][1 : 1 + max(int(header["dim"][0]), 0)]]
    if not shape or min(shape) < 1:
        msg = f"{path.name}: the header's dimensions {shape} are not sizes"
        raise ScanError(msg)
    voxels = 1
    for n in shape:
        voxels *= n
    if voxels > MAX_VOXELS:
        msg = f"{path.name}: {shape} voxels; at most {MAX_VOXELS} are read"
        raise ScanError(msg)
    return _end_of_voxels(header) - _HEADER_BYTES + _LONGEST_EXTENSION


def _end_of_voxels(header: nib.Nifti1Header) -> int:
    shape = header["dim"][1 : 1 + int(header["dim"][0])].astype(int)
    return int(header["vox_offset"]) + int(np.prod(shape)) * int(header["bitpix"]) // 8


def _check_header(path: Path, header: nib.Nifti1Header) -> None:
    try:
        shape = tuple(n for n in header.get_data_shape() if n > 1)
        dtype = header.get_data_dtype()
    except HeaderDataError as error:
        msg = f"{path.name}: {error}"
        raise ScanError(msg) from error
    if len(shape) != 3:
        what = f"{shape[3]} volumes" if len(shape) > 3 else "fewer than three axes"
        msg = f"{path.name}: expected one 3D volume, got {what} {shape}"
        raise ScanError(msg)
    if dtype.kind not in "iuf":
        msg = f"{path.name}: expected one number a voxel, got {dtype}"
        raise ScanError(msg)
    if int(header["sform_code"]) == 0 and int(header["qform_code"]) == 0:
        msg = (
            f"{path.name}: the header does not say how the scan lies (sform and"
            " qform codes are 0); convert it again from DICOM"
        )
        raise ScanError(msg)
    try:
        affine: Affine = header.get_best_affine()
    except HeaderDataError as error:
        msg = f"{path.name}: the header is not usable ({error}); convert it again"
        raise ScanError(msg) from error
    with np.errstate(all="ignore"):
        volume = np.linalg.det(affine[:3, :3])
    if not np.isfinite(affine).all() or abs(volume) < SMALLEST_VOXEL:
        msg = f"{path.name}: the affine is not usable ({affine[:3].tolist()})"
        raise ScanError(msg)


def _check_values(path: Path, values: ScalarMap) -> None:
    bad = int(values.size - np.isfinite(values).sum())
    if bad:
        msg = f"{path.name}: {bad} of {values.size} voxels are not finite numbers"
        raise ScanError(msg)
    if values.min() == values.max():
        msg = f"{path.name}: every voxel is {values.min():g}; there is no image"
        raise ScanError(msg)
    air = np.count_nonzero((values >= AIR_IN_CT[0]) & (values <= AIR_IN_CT[1]))
    if air > LEAST_AIR * values.size:
        msg = (
            f"{path.name}: {air / values.size:.0%} of the voxels are near -1000, the"
            " air of a CT in Hounsfield units; expected a T1w MRI"
        )
        raise ScanError(msg)


def _check_geometry(path: Path, scan: SpatialMap) -> None:
    spacing = np.array(scan.spacing)
    fields = spacing * scan.extent
    if spacing.max() > THICKEST:
        msg = (
            f"{path.name}: slices {spacing.max():.1f} mm apart; at most {THICKEST:g}"
            " mm can be used"
        )
        raise ScanError(msg)
    if fields.min() < LEAST_FIELD_OF_VIEW:
        msg = (
            f"{path.name}: the field of view is {fields[0]:.0f} x {fields[1]:.0f} x"
            f" {fields[2]:.0f} mm; a whole head needs {LEAST_FIELD_OF_VIEW:g} mm"
        )
        raise ScanError(msg)
