"""Read a scan, or say in one line why it cannot be used.

Nothing here trusts the file: the gzip checksum is verified (nibabel does not),
the size is taken from the header before memory is, and every number is looked at.
"""

import io
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np
from nibabel.arrayproxy import ArrayProxy
from nibabel.spatialimages import HeaderDataError

from crosswarp.derivatives.stored import read_stored
from crosswarp.errors import ScanError
from crosswarp.types.arrays import Affine, ScalarMap, SpatialMap

LEAST_FIELD_OF_VIEW: Final = 100.0
"""Millimetres along every axis below which a head cannot be whole."""

THICKEST: Final = 6.0
"""Millimetres: thicker slices leave nothing of a hippocampus."""

AIR_IN_CT: Final = (-1100.0, -900.0)
"""Hounsfield units of air."""

LEAST_AIR: Final = 0.05
"""Share of voxels with such values from which on an image is a CT."""

SMALLEST_SPACING: Final = 1e-3
"""Millimetres between voxels; below, a number was lost."""

LEAST_UPRIGHT: Final = 0.5
"""Volume of a voxel, as a share of a box with its edges: less is no scanner's."""

FARTHEST: Final = 1e5
"""Millimetres from the origin to the first voxel; beyond, digits are lost."""


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
    header, content = read_stored(path)
    affine = _check_header(path, header)
    values = _scaled(path, header, content)
    _check_values(path, values)
    canonical = nib.as_closest_canonical(nib.Nifti1Image(values, affine))
    scan = SpatialMap(np.asarray(canonical.dataobj), canonical.affine)
    _check_geometry(path, scan)
    return scan


def _scaled(path: Path, header: nib.Nifti1Header, content: bytes) -> ScalarMap:
    try:
        proxy = ArrayProxy(io.BytesIO(content), header)
        # What overflows is no longer finite, and refused for that.
        with np.errstate(all="ignore"):
            values: ScalarMap = np.squeeze(np.asarray(proxy, dtype=np.float32))
    except HeaderDataError as error:
        msg = f"{path.name}: the header is not usable ({error}); convert it again"
        raise ScanError(msg) from error
    return values


def _check_header(path: Path, header: nib.Nifti1Header) -> Affine:
    """Check what the header says of the image; return how it lies."""
    try:
        shape = tuple(n for n in header.get_data_shape() if n > 1)
    except HeaderDataError as error:
        msg = f"{path.name}: {error}"
        raise ScanError(msg) from error
    if len(shape) != 3:
        what = f"{shape[3]} volumes" if len(shape) > 3 else "fewer than three axes"
        msg = f"{path.name}: expected one 3D volume, got {what} {shape}"
        raise ScanError(msg)
    if int(header["sform_code"]) <= 0 and int(header["qform_code"]) <= 0:
        msg = (
            f"{path.name}: the header does not say how the scan lies (sform and"
            " qform codes are 0); convert it again from DICOM"
        )
        raise ScanError(msg)
    try:
        with np.errstate(all="ignore"):
            affine: Affine = header.get_best_affine()
    except (HeaderDataError, ValueError) as error:
        msg = f"{path.name}: the header is not usable ({error}); convert it again"
        raise ScanError(msg) from error
    _check_affine(path, affine)
    return affine


def _check_affine(path: Path, affine: Affine) -> None:
    """Refuse voxels without a size, axes that coincide, and places beyond a room."""
    with np.errstate(all="ignore"):
        spacing = np.linalg.norm(affine[:3, :3], axis=0)
        slant = abs(np.linalg.det(affine[:3, :3])) / spacing.prod()
    usable = (
        np.isfinite(affine).all()
        and spacing.min() >= SMALLEST_SPACING
        and slant >= LEAST_UPRIGHT
        and np.abs(affine[:3, 3]).max() <= FARTHEST
    )
    if not usable:
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
