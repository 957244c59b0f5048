"""Whether all slices of a series are there, and lie where their headers say."""

from itertools import pairwise
from typing import Final

import nibabel as nib
import numpy as np

from crosswarp.errors import ScanError
from crosswarp.readers.dicom.series import Series
from crosswarp.types.arrays import Affine, SpatialMap

_STEP_TOLERANCE: Final = 0.05
"""Share of the distance between slices by which one may differ."""

_DIRECTION_TOLERANCE: Final = 1e-3

_SAME_MM: Final = 1e-3
"""Distance up to which two slices lie at one place."""

_ASIDE_MM: Final = 0.5
"""Shift of slices in their plane from which a stack is not straight."""

_MOVED_MM: Final = 0.25
"""Distance of a corner from where the headers put it that a conversion may make."""

_JUMP: Final = 1.4
"""Change between two slices over the largest near them from which one is missing.

Heads without a gap (templates and Colin27, slices of 1 to 5 mm along each axis, noise
of 2 % added) reached 1.27; with a slice taken out, 1.0 to 1.8.
"""

_NEAR: Final = 3
_LEAST_CHANGE: Final = 0.1
"""Share of the largest change below which slices are outside the head."""

_TO_RAS: Final = np.diag([-1.0, -1.0, 1.0, 1.0])


def check_slices(series: Series) -> None:
    """Refuse a series with slices missing, twice, or not parallel.

    dcm2niix converts what is there without a word in its exit code, and leaves out the
    shear of a tilted gantry. Slices are held against each other whether each is a file
    or a frame of one.

    Raises:
        ScanError: Naming the first place where something is wrong.
    """
    if series.flaw:
        msg = f"series {series.number}: {series.flaw}; copy the series again"
        raise ScanError(msg)
    places = np.array(series.places, dtype=float).reshape(-1, 13)
    if not np.isfinite(places).all():
        msg = f"series {series.number}: images that do not say where they lie"
        raise ScanError(msg)
    alike = np.delete(places, [6, 7, 8], axis=1)
    if np.abs(alike - alike[0]).max() > _DIRECTION_TOLERANCE:
        msg = (
            f"series {series.number}: images of different directions or sizes; give"
            " the volume alone"
        )
        raise ScanError(msg)
    normal = np.cross(places[0, :3], places[0, 3:6])
    heights = places[:, 6:9] @ normal
    _check_steps(series, np.diff(np.sort(heights)))
    aside = places[:, 6:9] - np.outer(heights, normal)
    if np.ptp(aside, axis=0).max() > _ASIDE_MM:
        msg = (
            f"series {series.number}: slices are shifted against each other by up to"
            f" {np.ptp(aside, axis=0).max():.3g} mm (a tilted gantry, or parts of two"
            " series); give a series with a straight stack of slices"
        )
        raise ScanError(msg)


def _check_steps(series: Series, steps: np.ndarray) -> None:
    step = float(np.median(steps)) if len(steps) else 0.0
    if step <= _SAME_MM:
        echoes = f" of {series.echoes} echo times" if series.echoes > 1 else ""
        several = f"several volumes{echoes}"
        msg = (
            f"series {series.number}: {series.images} images at the same places;"
            f" {several}, or copied twice"
        )
        raise ScanError(msg)
    wrong = np.flatnonzero(np.abs(steps - step) > _STEP_TOLERANCE * step)
    if not len(wrong):
        return
    first = int(wrong[0])
    found = float(steps[first])
    missing = round(found / step) - 1
    what = f"{missing} missing" if missing > 0 else "some twice or shifted"
    msg = (
        f"series {series.number}: slices {step:.3g} mm apart, but slices {first + 1}"
        f" and {first + 2} are {found:.3g} mm apart ({what}); copy the series again"
    )
    raise ScanError(msg)


def check_placed(series: Series, scan: SpatialMap) -> None:
    """Refuse an image that does not lie where the headers of its slices say.

    Args:
        series: Checked by `check_slices`.
        scan: What became of it, on the axes nearest to RAS+.

    Raises:
        ScanError: If a corner is elsewhere, or the number of voxels differs.
    """
    affine, shape = _expected(series)
    empty = nib.Nifti1Image(np.zeros(shape, np.uint8), affine)
    expected = nib.as_closest_canonical(empty)
    corners = np.array(np.meshgrid(*[[0.0, n - 1.0] for n in expected.shape]))
    corners = np.vstack([corners.reshape(3, -1), np.ones(8)])
    moved = np.abs((expected.affine - scan.affine) @ corners).max()
    if expected.shape != scan.extent or moved > _MOVED_MM:
        msg = (
            f"series {series.number}: dcm2niix placed it {moved:.3g} mm from where its"
            f" headers say, with {scan.extent} voxels for {expected.shape}; convert it"
            " with another program and give the NIfTI file"
        )
        raise ScanError(msg)


def check_continuous(series: Series, scan: SpatialMap) -> None:
    """Refuse a file of many frames in which the head jumps from one slice to the next.

    A program that drops a frame may give the others new positions, and then no header
    tells. Where a slice is missing, the image changes more than between any near it.

    Args:
        series: Checked by `check_slices`.
        scan: What became of it.

    Raises:
        ScanError: Naming the place, and what to do if nothing is missing.
    """
    if series.images == len(series.files):
        return
    normal = np.cross(series.places[0][:3], series.places[0][3:6])
    slices = np.moveaxis(scan.values, int(np.abs(normal).argmax()), 0)
    change = np.array([_root_mean_square(b - a) for a, b in pairwise(slices)])
    for k in range(_NEAR, len(change) - _NEAR):
        near = np.delete(change[k - _NEAR : k + _NEAR + 1], _NEAR)
        in_head = near.min() > _LEAST_CHANGE * change.max()
        if in_head and change[k] > _JUMP * near.max():
            msg = (
                f"series {series.number}: between slices {k + 1} and {k + 2} the image"
                f" changes {change[k] / near.max():.1f} times as much as near them, as"
                " if one were missing, though no header says so; copy the series"
                " again, or convert it with dcm2niix, look at it, and give the NIfTI"
                " file"
            )
            raise ScanError(msg)


def _root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def _expected(series: Series) -> tuple[Affine, tuple[int, int, int]]:
    """Return the affine (RAS+, mm) and the shape that the slices' headers describe."""
    places = np.array(series.places, dtype=float)
    across, down = places[0, :3], places[0, 3:6]
    order = np.argsort(places[:, 6:9] @ np.cross(across, down))
    first, last = places[order[0], 6:9], places[order[-1], 6:9]
    affine: Affine = np.eye(4)
    # Pixel spacing is the distance of rows, then of columns.
    affine[:3, 0], affine[:3, 1] = across * places[0, 10], down * places[0, 9]
    affine[:3, 2] = (last - first) / (len(places) - 1)
    affine[:3, 3] = first
    rows, columns = int(places[0, 11]), int(places[0, 12])
    return _TO_RAS @ affine, (columns, rows, len(places))
