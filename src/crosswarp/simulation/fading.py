"""A real head cut out of its box: no air that is not dark, no neck cut with a knife.

Averages of many people have grey air, whose box would show below the noise of a
virtual scan, and every head ends where its image ends, which a moved head shows.
"""

from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.types.arrays import FinerMap, Mask, ScalarMap, SpatialMap

TISSUE: Final = 0.2
"""Of white matter: brighter than the air of the averages, darker than skin."""

RIM: Final = 2.0
"""Millimetres around the head that are kept: the blurred edge of its skin."""

FADE: Final = 6.0
"""Millimetres over which the air darkens beyond the rim."""

NECK: Final = 12.0
"""Millimetres above the lower face of the image over which the neck darkens."""

SIDE: Final = 4.0
"""The same at the other faces, where ears and nose are cut."""

_COARSE: Final = 2


def faded(t1w: SpatialMap) -> SpatialMap:
    """Let a head end softly.

    Args:
        t1w: A head on RAS+ axes; 1 is about white matter.

    Returns:
        The same inside the head; 0 beyond it and at the faces of the image.
    """
    coarse = t1w.values[::_COARSE, ::_COARSE, ::_COARSE]
    spacing = t1w.spacing[0] * _COARSE
    outside = ndimage.distance_transform_edt(~_head(coarse), spacing)
    kept = _smooth_step(1 - (outside - RIM) / FADE).astype(np.float32)
    fine = _enlarged(kept, t1w.extent)
    values: ScalarMap = t1w.values * fine * _at_faces(t1w)
    return SpatialMap(values.astype(np.float32), t1w.affine)


def _head(values: ScalarMap) -> Mask:
    """The largest bright piece, with all that it encloses slice by slice."""
    bright = ndimage.binary_opening(values > TISSUE)
    pieces, count = ndimage.label(bright)
    if not count:
        return np.ones(values.shape, dtype=bool)
    largest = pieces == np.bincount(pieces.ravel())[1:].argmax() + 1
    head: Mask = ndimage.binary_closing(largest, iterations=3) | largest
    for k in range(head.shape[2]):
        head[:, :, k] = ndimage.binary_fill_holes(head[:, :, k])
    return head


def _enlarged(coarse: ScalarMap, extent: tuple[int, int, int]) -> FinerMap:
    grown = coarse
    for axis, n in enumerate(extent):
        places = np.minimum(np.arange(n) / _COARSE, grown.shape[axis] - 1)
        lower = places.astype(int)
        upper = np.minimum(lower + 1, grown.shape[axis] - 1)
        share = (places - lower).astype(np.float32)
        shape = [1, 1, 1]
        shape[axis] = n
        share = share.reshape(shape)
        grown = (1 - share) * grown.take(lower, axis) + share * grown.take(upper, axis)
    fine: FinerMap = grown
    return fine


def _at_faces(t1w: SpatialMap) -> ScalarMap:
    edges = []
    for axis, n in enumerate(t1w.extent):
        mm = np.arange(n) * t1w.spacing[axis]
        below = _smooth_step(mm / (NECK if axis == 2 else SIDE))
        edges.append(below * _smooth_step(mm[::-1] / SIDE))
    i, j, k = edges
    window: ScalarMap = np.einsum("i,j,k->ijk", i, j, k).astype(np.float32)
    return window


def _smooth_step(share: np.ndarray) -> np.ndarray:
    clipped = np.clip(share, 0, 1)
    step: np.ndarray = clipped**2 * (3 - 2 * clipped)
    return step
