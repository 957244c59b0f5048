"""Planes through a map, placed in millimetres and seen from fixed sides."""

from dataclasses import dataclass

import numpy as np

from crosswarp.types.arrays import SpatialMap
from crosswarp.types.pictures import Plane

PLANE_NAMES = ("sagittal", "coronal", "axial")
"""The plane across the left-right, posterior-anterior and inferior-superior axis."""

HIPPOCAMPAL_CUTS = (-26.0, -20.0, -14.0)
"""Millimetres, RAS+, of the planes through the left hippocampus of the template."""


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
        return f"{PLANE_NAMES[self.axis]}, {'xyz'[self.axis]} = {self.position:.0f} mm"

    @property
    def sides(self) -> tuple[str, str]:
        """Letters of the left and right edge; the participant's left is on the left."""
        return ("P", "A") if self.axis == 0 else ("L", "R")


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
    across, up = (other for other in range(3) if other != axis)
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
