"""The part of a template with a brain in it, and the way back to the whole grid."""

from typing import Final, TypeAlias

import numpy as np

from crosswarp.types.arrays import FieldInBox, SpatialMap, VectorField

Box: TypeAlias = tuple[slice, slice, slice]

MARGIN: Final = 8
"""Voxels kept around the template's brain; the rest has nothing to register."""


def box_of_brain(template: SpatialMap) -> Box:
    """Find the voxels along each axis that hold the brain, and a margin.

    Args:
        template: Above 0 in the brain, somewhere.
    """
    brain = template.values > 0
    slices = []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        inside = np.flatnonzero(brain.any(axis=others))
        start = max(int(inside[0]) - MARGIN, 0)
        slices.append(slice(start, int(inside[-1]) + MARGIN + 1))
    return (slices[0], slices[1], slices[2])


def cropped(whole: SpatialMap, box: Box) -> SpatialMap:
    """Cut a box out; what is left lies where it lay."""
    affine = whole.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ [s.start for s in box]
    return SpatialMap(whole.values[box], affine)


def padded(inside: FieldInBox, box: Box, extent: tuple[int, int, int]) -> VectorField:
    """Continue a displacement outwards, so that its derivative has no jump.

    Args:
        inside: The displacement in the box.
        box: Where that is.
        extent: Of the whole grid.
    """
    pads = [
        (s.start, n - s.start - m)
        for s, n, m in zip(box, extent, inside.shape[:3], strict=True)
    ]
    whole: VectorField = np.pad(inside, [*pads, (0, 0)], mode="edge")
    return whole
