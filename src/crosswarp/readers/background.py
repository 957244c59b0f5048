"""What surrounds a head in its image: its level, and voxels that hold no number.

Magnitude images have air at 0, up to noise. Others do not: air has another value in
images with an offset, z-scored ones, and those computed from two inversions.
"""

from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.types.arrays import Mask, ScalarMap, SpatialMap

AIR_IN_CT: Final = (-1100.0, -900.0)
"""Hounsfield units of air."""

LEAST_AIR: Final = 0.05
"""Share of voxels with such values from which on an image may be a CT."""

TISSUE_IN_CT: Final = (-20.0, 100.0)
"""Hounsfield units of brain, muscle and blood, which no MRI crowds together so."""

NO_AIR_IN_CT: Final = -500.0
DENSE_IN_CT: Final = 700.0
"""Hounsfield units from which on there is bone."""

MOSTLY_SOFT: Final = 0.6
PARTLY_SOFT: Final = 0.25
LEAST_DENSE: Final = 0.005
"""Shares of what is not air in a CT: soft tissue alone, or with bone."""

EVEN: Final = 0.15
"""Share of an image's range within which half of its faces are one level."""

LEAST_OFFSET: Final = 0.05
"""Share of an image's range below which its air is taken to be at 0: noise."""

FAR_BELOW: Final = 2.0
"""Multiples of the range of all other values from which on the lowest is no value."""

_RANGE: Final = (0.1, 99.5)
"""Percentiles that bound an image's range, spikes left out."""

_STEP: Final = 2
"""Voxels between those of which percentiles are taken."""


def without_offset(scan: SpatialMap) -> SpatialMap:
    """Shift an image so that its background is 0, if it is not.

    Args:
        scan: A whole head, or a brain on a constant background; finite.

    Returns:
        The same image if its lowest value is 0 or its background is 0 up to noise,
        so that ordinary scans are not touched.
    """
    offset = background_offset(scan.values)
    if offset == 0:
        return scan
    return SpatialMap((scan.values - np.float32(offset)), scan.affine)


def background_offset(values: ScalarMap) -> float:
    """Estimate the level of the air, or of what else surrounds a head.

    It is the value around which at least half of the voxels of the image's faces lie.
    Where these differ too much (air that was amplified by a division, as in MP2RAGE),
    it is the lowest value, if that is below 0.

    Args:
        values: Finite values of the voxels.

    Returns:
        In the unit of the image; 0 if it is below `LEAST_OFFSET` of the image's range.
    """
    if values.min() == 0:
        return 0.0
    low, high = np.percentile(values[::_STEP, ::_STEP, ::_STEP], _RANGE)
    spread = float(high - low)
    level = even_level(faces(values), spread)
    if level is None:
        level = min(float(low), 0.0)
    elif level > 0:
        # Noise of magnitude images is above 0; an offset lifts the lowest too.
        level = min(level, float(low))
    return level if abs(level) > LEAST_OFFSET * spread else 0.0


def faces(values: np.ndarray) -> np.ndarray:
    """Return the voxels of the six faces of an image."""
    return np.concatenate(
        [values.take(end, axis).ravel() for axis in range(3) for end in (0, -1)]
    )


def even_level(values: np.ndarray, spread: float) -> float | None:
    """Find the level of at least half of some values: the middle of the densest half.

    Args:
        values: Values in any order.
        spread: Range of the whole image.

    Returns:
        None if the densest half is wider than `EVEN` of the spread.
    """
    ordered = np.sort(values)
    half = len(ordered) // 2
    widths = ordered[half:] - ordered[: len(ordered) - half]
    first = int(widths.argmin())
    if widths[first] > EVEN * spread:
        return None
    return float(ordered[first + half // 2])


def stand_in(values: ScalarMap) -> float | None:
    """Find the number that stands for "no value here", such as -32768.

    Args:
        values: Finite values of the voxels.

    Returns:
        The lowest value, if it is below 0 and farther below all others than these
        are from each other; None otherwise.
    """
    lowest = float(values.min())
    others = values[values > lowest]
    if lowest >= 0 or not others.size:
        return None
    second, high = float(others.min()), float(np.percentile(others, _RANGE[1]))
    return lowest if second - lowest > FAR_BELOW * (high - second) else None


def fill_outside(values: ScalarMap, absent: Mask) -> ScalarMap | None:
    """Fill voxels around a head that hold no number with the background.

    Args:
        values: Values of an image.
        absent: Where it holds no number.

    Returns:
        The image without such voxels; None if some lie inside what it shows, that is,
        are not connected to its faces, or if nothing else is there.
    """
    if absent.all() or not _reaches_faces(absent):
        return None
    finite = values[~absent]
    near = ndimage.binary_dilation(absent) & ~absent
    low, high = np.percentile(finite, _RANGE)
    level = even_level(values[near], float(high - low))
    is_tissue = level is None or level - low > EVEN * (high - low)
    if level is None or is_tissue:
        level = min(0.0, float(finite.min()))
    return np.where(absent, np.float32(level), values)


def _reaches_faces(mask: Mask) -> bool:
    """Whether every piece of a mask reaches a face of the image."""
    pieces, count = ndimage.label(mask, np.ones((3, 3, 3)))
    return bool(np.count_nonzero(np.unique(faces(pieces))) == count)


def is_ct(values: ScalarMap) -> bool:
    """Whether an image is a CT in Hounsfield units, and no MRI with air near -1000.

    Args:
        values: Finite values of the voxels.
    """
    low, high = AIR_IN_CT
    if np.count_nonzero((values >= low) & (values <= high)) <= LEAST_AIR * values.size:
        return False
    around = faces(values)
    if np.mean((around >= low) & (around <= high)) < 0.5:
        return True
    body = values[values > NO_AIR_IN_CT]
    if not body.size:
        return False
    low, high = TISSUE_IN_CT
    soft = np.mean((body >= low) & (body <= high))
    dense = np.mean(body > DENSE_IN_CT)
    return bool(soft >= MOSTLY_SOFT or (soft >= PARTLY_SOFT and dense >= LEAST_DENSE))
