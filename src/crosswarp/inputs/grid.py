"""The grid that all maps of an analysis share, and the part that networks see."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from crosswarp.errors import ShapeError
from crosswarp.types.arrays import Affine, CroppedMap, Mask, ScalarMap

Box: TypeAlias = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
"""First and past-the-last voxel along each axis."""

MARGIN: Final = 2
"""Voxels kept around the template's brain."""


@dataclass(frozen=True)
class Grid:
    """A template grid.

    Attributes:
        space: Name of the template.
        resolution: Spacing, in mm.
        extent: Voxels of the whole grid.
        affine: Of the whole grid, voxels to RAS+ mm.
        box: What networks see.
    """

    space: str
    resolution: int
    extent: tuple[int, int, int]
    affine: Affine
    box: Box

    @property
    def seen_extent(self) -> tuple[int, int, int]:
        """Voxels of the box."""
        i, j, k = (stop - start for start, stop in self.box)
        return (i, j, k)

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Millimetres between voxels along each axis."""
        i, j, k = np.linalg.norm(self.affine[:3, :3], axis=0)
        return (float(i), float(j), float(k))

    @property
    def left_right(self) -> int:
        """Axis that runs most nearly from left to right."""
        return int(np.abs(self.affine[0, :3]).argmax())

    def mirror(self, cropped: CroppedMap) -> CroppedMap:
        """Mirror what networks see about the midsagittal plane, x = 0 mm.

        Args:
            cropped: A map inside the box.

        Returns:
            A map inside the box, to the nearest voxel; 0 where the mirror image of a
            voxel lies outside it.

        Raises:
            ShapeError: If the map is not on the box.
        """
        if cropped.shape != self.seen_extent:
            msg = f"expected a map of {self.seen_extent} voxels, got {cropped.shape}"
            raise ShapeError(msg)
        axis = self.left_right
        start, voxels = self.box[axis][0], self.seen_extent[axis]
        rows = _mirrored(self.affine, axis) - 2 * start - np.arange(voxels)
        inside = (rows >= 0) & (rows < voxels)
        mirrored = np.take(cropped, rows.clip(0, voxels - 1), axis=axis)
        np.moveaxis(mirrored, axis, 0)[~inside] = 0
        return mirrored

    def crop(self, whole: ScalarMap) -> CroppedMap:
        """Cut the box out of a map on the whole grid.

        Raises:
            ShapeError: If the map is not on the whole grid.
        """
        if whole.shape != self.extent:
            msg = f"expected a map of {self.extent} voxels, got {whole.shape}"
            raise ShapeError(msg)
        i, j, k = (slice(start, stop) for start, stop in self.box)
        return whole[i, j, k]


def whole_box(extent: tuple[int, int, int]) -> Box:
    """Return the box that cuts nothing off."""
    i, j, k = extent
    return ((0, i), (0, j), (0, k))


def brain_box(brain: Mask, affine: Affine, margin: int = MARGIN) -> Box:
    """Bound a template's brain.

    Where the grid has the midsagittal plane (x = 0 mm) inside, the box lies evenly
    about it, so that mirroring the box mirrors the head.

    Args:
        brain: Template's brain on its grid.
        affine: Voxels to RAS+ mm.
        margin: Voxels to keep around it, where the grid has them.

    Raises:
        ShapeError: If the mask is empty.
    """
    if not brain.any():
        msg = "the template's brain mask is empty; run crosswarp preprocess again"
        raise ShapeError(msg)
    box = []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        inside = np.flatnonzero(brain.any(axis=others))
        start = max(int(inside[0]) - margin, 0)
        stop = min(int(inside[-1]) + 1 + margin, brain.shape[axis])
        box.append((start, stop))
    sagittal = int(np.abs(affine[0, :3]).argmax())
    box[sagittal] = _even(box[sagittal], sagittal, affine, brain.shape[sagittal])
    i, j, k = box
    return (i, j, k)


def _even(
    bounds: tuple[int, int], axis: int, affine: Affine, voxels: int
) -> tuple[int, int]:
    start, stop = bounds
    mirrored = _mirrored(affine, axis)
    first = min(start, mirrored - (stop - 1))
    last = max(stop - 1, mirrored - start)
    if first < 0 or last >= voxels:
        return bounds
    return (first, last + 1)


def _mirrored(affine: Affine, axis: int) -> int:
    """Give the sum of the indices of a voxel and its mirror image about x = 0 mm."""
    return round(float(-2 * affine[0, 3] / affine[0, axis]))
