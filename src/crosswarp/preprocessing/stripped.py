"""The brain of a scan that is stripped already: all that differs from its background.

What was stripped and then resampled, filtered or scaled has no clean background: it
rings around the brain, is noisy, or has a level within the range of the brain's.
"""

from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.readers.background import faces
from crosswarp.types.arrays import Mask, ScalarMap, SpatialMap

NOISE_SHARE: Final = 80.0
"""Percentile of the deviations on the image's faces from which noise is told; a brain
that is cut close covers less of them."""

NOISE_WIDTHS: Final = 4.0
"""Multiples of it above which a voxel is not noise."""

MOST_NOISE: Final = 0.15
"""Share of the brain's brightness that noise may reach; above, it is the brain that
lies on the faces."""

BELOW: Final = 0.01
"""Share of the brain's brightness that a voxel must be below the background to tell."""

RINGING: Final = 0.1
"""Share of the brain's brightness that ringing outside of a brain stays below."""

SCALED: Final = 0.25
"""Share of voxels below the background from which on it is no lower end: z-scores."""

SPECKS: Final = 0.02
"""Share of the mask outside its largest piece from which on that is noise."""

DARKEST: Final = 0.2
"""Brightness of a T1w brain's darkest parts, as a share of its brightest ones'."""

_BRIGHT: Final = 99.0


def given_brain(scan: SpatialMap) -> Mask:
    """Take every voxel of a stripped scan that is not its background.

    The background is the value that most voxels of the image's faces have, and the
    brain what is above. Where noise or ringing surrounds the brain, it is what stands
    out of that, in one piece and without holes; where as many voxels lie below the
    background as a z-scored brain has, it is what differs from it.

    Args:
        scan: A brain; finite.

    Returns:
        Mask on the scan's grid.
    """
    around = faces(scan.values)
    values, counts = np.unique(around, return_counts=True)
    level = values[counts.argmax()]
    if counts.max() < len(around) / 2:
        level = np.median(around)
    above = scan.values - level
    bright = float(np.percentile(np.abs(above[::2, ::2, ::2]), _BRIGHT))
    noise = NOISE_WIDTHS * float(np.percentile(np.abs(around - level), NOISE_SHARE))
    noise = noise if noise <= MOST_NOISE * bright else 0.0
    margin = max(noise, BELOW * bright)
    dark = np.count_nonzero(above < -margin)
    if dark > SCALED * (dark + np.count_nonzero(above > margin)):
        return _in_one_piece(np.abs(above) > noise)
    if dark or noise:
        return _in_one_piece(above > max(noise, RINGING * bright if dark else 0.0))
    brain: Mask = scan.values > level
    return _in_one_piece(brain) if _has_specks(brain) else brain


def lifted(scan: SpatialMap, brain: Mask) -> SpatialMap:
    """Shift a scan so that its brain is above 0, as a bias field needs it.

    Z-scores within the brain have lost what 0 was: their darkest parts are taken to
    have `DARKEST` of the brightest ones' brightness, as cerebrospinal fluid has.

    Args:
        scan: Scan with any intensity level.
        brain: On the same grid; not empty.

    Returns:
        The same scan if hardly a voxel of its brain is below 0.
    """
    low, middle, high = np.percentile(scan.values[brain], [0.5, 5, 99.5])
    if middle > 0:
        return scan
    shift = (DARKEST * high - low) / (1 - DARKEST)
    values: ScalarMap = np.where(brain, scan.values + np.float32(shift), 0)
    return SpatialMap(values.astype(np.float32), scan.affine)


def _has_specks(mask: Mask) -> bool:
    specks = np.count_nonzero(mask & ~_largest(mask))
    return bool(specks > SPECKS * np.count_nonzero(mask))


def _in_one_piece(mask: Mask) -> Mask:
    whole: Mask = ndimage.binary_fill_holes(_largest(mask))
    return whole


def _largest(mask: Mask) -> Mask:
    pieces, count = ndimage.label(mask)
    if count < 2:
        return mask
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    largest: Mask = pieces == sizes.argmax()
    return largest
