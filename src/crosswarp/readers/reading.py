"""Read a scan, or say in one line why it cannot be used.

Nothing here trusts the file: the gzip checksum is verified (nibabel does not),
the size is taken from the header before memory is, and every number is looked at.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np
from nibabel.arrayproxy import ArrayProxy
from nibabel.spatialimages import HeaderDataError

from crosswarp.errors import ScanError
from crosswarp.readers.background import (
    fill_outside,
    is_ct,
    stand_in,
)
from crosswarp.readers.orientation import find_affine
from crosswarp.readers.stored import Stored, read_stored
from crosswarp.types.arrays import ScalarMap, SpatialMap

LEAST_FIELD_OF_VIEW: Final = 100.0
"""Millimetres along every axis below which a head cannot be whole."""

THICKEST: Final = 6.0
"""Millimetres: thicker slices leave nothing of a hippocampus."""


@dataclass(frozen=True)
class NotedScan:
    """A scan, and what was read otherwise than its header says.

    Attributes:
        scan: Values and affine.
        notes: Sentences without a full stop; none for an ordinary file.
    """

    scan: SpatialMap
    notes: tuple[str, ...] = ()


def read_t1w(path: Path) -> SpatialMap:
    """Read one T1w image and check all that can be checked without looking for a head.

    Args:
        path: A ``.nii`` or ``.nii.gz`` file of one volume, or one of a pair ``.hdr``
            and ``.img``; NIfTI-1 or NIfTI-2.

    Returns:
        Values as the header scales them, float32, on the axes nearest to RAS+.

    Raises:
        ScanError: If the file is missing, damaged, not one 3D volume, without a
            usable affine, holds values inside the head that are not finite, shows
            nothing, or is CT; or if the system does not let it be read.
    """
    return read_noted(path).scan


def read_noted(path: Path) -> NotedScan:
    """Read one T1w image as `read_t1w` does, with notes on what was unusual in it."""
    stored = read_stored(path)
    affine, of_affine = find_affine(path.name, stored.layout)
    values, of_values = _checked(path, _scaled(path, stored), stored)
    canonical = nib.as_closest_canonical(nib.Nifti1Image(values, affine))
    scan = SpatialMap(np.asarray(canonical.dataobj), canonical.affine)
    _check_geometry(path, scan)
    return NotedScan(scan, (*stored.notes, *of_affine, *of_values))


def _scaled(path: Path, stored: Stored) -> ScalarMap:
    layout = stored.layout
    try:
        slope, inter = layout.header.get_slope_inter()
        scaling = () if slope is None else (slope, inter)
        spec = (layout.extent, layout.dtype, 0, *scaling)
        proxy = ArrayProxy(io.BytesIO(stored.voxels), spec)
        # What overflows is no longer finite, and refused for that.
        with np.errstate(all="ignore"):
            values: ScalarMap = np.asarray(proxy, dtype=np.float32)
    except HeaderDataError as error:
        msg = f"{path.name}: the header is not usable ({error}); convert it again"
        raise ScanError(msg) from error
    return values


def _checked(
    path: Path, values: ScalarMap, stored: Stored
) -> tuple[ScalarMap, list[str]]:
    """Refuse values of no head; fill what is no number around it."""
    values, notes = _filled(path, values, stored)
    if values.min() == values.max():
        msg = f"{path.name}: every voxel is {values.min():g}; there is no image"
        raise ScanError(msg)
    if is_ct(values):
        msg = (
            f"{path.name}: many voxels are near -1000, the air of a CT in Hounsfield"
            " units; expected a T1w MRI"
        )
        raise ScanError(msg)
    return values, notes


def _filled(
    path: Path, values: ScalarMap, stored: Stored
) -> tuple[ScalarMap, list[str]]:
    """Take background for voxels around the head that hold no number."""
    absent = ~np.isfinite(values)
    bad = int(absent.sum())
    if not bad:
        lowest = stand_in(values)
        filled = None if lowest is None else fill_outside(values, values == lowest)
        if filled is None:
            return values, []
        note = f"{lowest:g} stands for no value around the head; it was taken for"
        return filled, [f"{note} background"]
    # Whole numbers can only become infinite by a wrong scaling.
    can_be_absent = stored.layout.dtype.kind == "f"
    filled = fill_outside(values, absent) if can_be_absent else None
    if filled is None:
        msg = (
            f"{path.name}: {bad} of {values.size} voxels are not finite numbers, and"
            " not only around the head; convert it again"
        )
        raise ScanError(msg)
    note = f"{bad} voxels around the head are not finite numbers; background was"
    return filled, [f"{note} taken for them"]


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
        shown = " x ".join(f"{field:.3g}" for field in fields)
        hint = (
            "; are lengths in metres? then xyzt_units must say so"
            if fields.max() < 1
            else ""
        )
        msg = (
            f"{path.name}: the field of view is {shown} mm; a whole head needs"
            f" {LEAST_FIELD_OF_VIEW:g} mm{hint}"
        )
        raise ScanError(msg)
