"""Planes through a map, placed in millimetres and seen from fixed sides."""

from dataclasses import dataclass

import numpy as np

from crosswarp.types.arrays import SpatialMap
from crosswarp.types.pictures import Plane

PLANE_NAMES = ("sagittal", "coronal", "axial")
"""The plane across the left-right, posterior-anterior and inferior-superior axis."""

HIPPOCAMPAL_CUTS = (-26.0, -20.0, -14.0)
"""Millimetres, RAS+, of the planes through the left hippocampus of the template."""


Box = list[tuple[float, float]]


@dataclass(frozen=True)
class Slice:
    """One plane of a map, ready to draw with its origin at the lower left.

    Attributes:
        values: First axis upwards, second to the right.
        borders: Left, right, bottom and top edge, in millimetres, RAS+.
        axis: World axis across the plane: 0 left-right, 1 posterior-anterior, 2
            inferior-superior.
        position: Where on that axis the plane lies, in millimetres.
    """

    values: Plane
    borders: tuple[float, float, float, float]
    axis: int
    position: float

    @property
    def title(self) -> str:
        """Name and place: ``coronal, y = -20 mm``."""
        place = f"{round(self.position)}".replace("-", "\u2212")
        return f"{PLANE_NAMES[self.axis]}, {'xyz'[self.axis]} = {place} mm"

    @property
    def sides(self) -> tuple[str, str]:
        """Letters of the left and right edge; the participant's left is on the left."""
        return ("P", "A") if self.axis == 0 else ("L", "R")


def plane_axes(axis: int) -> tuple[int, int]:
    """Name the world axes that run to the right and up in a plane across ``axis``."""
    across, up = (other for other in range(3) if other != axis)
    return across, up


def take_slice(spatial: SpatialMap, axis: int, position: float) -> Slice:
    """Cut a map across a world axis.

    Args:
        spatial: Any orientation; an oblique grid is drawn along its nearest axes.
        axis: 0 left-right, 1 posterior-anterior, 2 inferior-superior.
        position: Millimetres along that axis, RAS+; moved to the nearest plane of
            the grid.
    """
    upright = to_ras(spatial)
    origin, spacing = upright.affine[:3, 3], upright.spacing
    index = round((position - origin[axis]) / spacing[axis])
    index = min(max(index, 0), upright.extent[axis] - 1)
    across, up = plane_axes(axis)
    half = np.array(spacing) / 2
    end = origin + (np.array(upright.extent) - 1) * spacing
    return Slice(
        np.take(upright.values, index, axis=axis).T,
        (
            float(origin[across] - half[across]),
            float(end[across] + half[across]),
            float(origin[up] - half[up]),
            float(end[up] + half[up]),
        ),
        axis,
        float(origin[axis] + index * spacing[axis]),
    )


def brain_box(spatial: SpatialMap, margin: float = 8.0) -> Box:
    """Find the part of a map worth drawing.

    Args:
        spatial: 0 outside the brain.
        margin: Millimetres around it.

    Returns:
        Lowest and highest place along each world axis, in millimetres, RAS+; the
        whole grid when it is empty.
    """
    upright = to_ras(spatial)
    filled = np.argwhere(upright.values)
    if not filled.size:
        filled = np.array([[0, 0, 0], upright.values.shape]) - [[0, 0, 0], [1, 1, 1]]
    origin, spacing = upright.affine[:3, 3], np.array(upright.spacing)
    lowest = origin + filled.min(axis=0) * spacing - margin
    highest = origin + filled.max(axis=0) * spacing + margin
    return [
        (float(low), float(high)) for low, high in zip(lowest, highest, strict=True)
    ]


def to_ras(spatial: SpatialMap) -> SpatialMap:
    """Reorder and flip voxel axes so that they run right, anterior and superior.

    Values are moved, never interpolated; small rotations stay as they were.
    """
    directions = spatial.affine[:3, :3] / np.array(spatial.spacing)
    # Give each world axis the voxel axis nearest to it, the clearest first.
    order = [0, 0, 0]
    closeness = np.abs(directions)
    for _ in range(3):
        world, voxel = np.unravel_index(closeness.argmax(), closeness.shape)
        order[int(world)] = int(voxel)
        closeness[world, :] = closeness[:, voxel] = -1
    values = spatial.values.transpose(order)
    affine = spatial.affine.astype(float).copy()
    affine[:, :3] = affine[:, order]
    for axis in range(3):
        if affine[axis, axis] < 0:
            affine[:, 3] += affine[:, axis] * (values.shape[axis] - 1)
            affine[:, axis] *= -1
            values = np.flip(values, axis)
    return SpatialMap(values, affine)
