"""From the template back into the scan: a map on the scan's own grid."""

from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.registration.result import Registration
from crosswarp.types.arrays import (
    Affine,
    FieldInBox,
    ScalarMap,
    SpatialMap,
    VectorField,
)

STEPS: Final = 15
"""Fixed-point steps; each shrinks the error by the displacement's steepest slope."""

_PLANES: Final = 16
"""Of the scan's first axis, that are resampled at a time."""


def inverse_displacement(displacement: VectorField, affine: Affine) -> VectorField:
    """Invert a displacement on its own grid.

    Args:
        displacement: ``u`` in RAS+ millimetres on the template's grid: a template
            point x goes to ``x + u(x)``.
        affine: Voxel indices to RAS+ millimetres, of that grid.

    Returns:
        ``v`` with ``x + v(x)`` the point that goes to x.

    References:
        Chen et al. (2008), A simple fixed-point approach to invert a deformation
        field. Medical Physics 35(1), 81-88.
    """
    grid = np.moveaxis(np.indices(displacement.shape[:3]).astype(float), 0, -1)
    to_voxels = np.linalg.inv(affine[:3, :3]).T
    inverse = np.zeros_like(displacement)
    for _ in range(STEPS):
        places = np.moveaxis(grid + inverse @ to_voxels, -1, 0)
        inverse = -_sampled(displacement, places)
    return inverse


def onto_scan(
    source: SpatialMap,
    registration: Registration,
    grid: Affine,
    scan: tuple[tuple[int, int, int], Affine],
    order: int = 1,
) -> ScalarMap:
    """Bring a map from the template onto the grid of a scan.

    Args:
        source: Map on a grid of the template.
        registration: Affine and displacement from the template to the scan.
        grid: Affine of the displacement's grid.
        scan: Voxels along each axis of the scan, and its affine.
        order: Order of the interpolation: 1 is linear, 0 the nearest voxel.

    Returns:
        Values on the scan's grid, 0 outside the template.
    """
    extent, affine = scan
    inverse = inverse_displacement(registration.displacement, grid)
    # Voxels of the scan to the template's millimetres, before the nonlinear part.
    straight = np.linalg.inv(registration.affine) @ affine
    to_grid, to_source = np.linalg.inv(grid), np.linalg.inv(source.affine)
    result = np.zeros(extent, np.float32)
    for start in range(0, extent[0], _PLANES):
        planes = slice(start, min(start + _PLANES, extent[0]))
        voxels = np.moveaxis(np.indices((planes.stop - start, *extent[1:])), 0, -1)
        points = _moved(straight, voxels + np.array([start, 0, 0]))
        points = points + _sampled(inverse, np.moveaxis(_moved(to_grid, points), -1, 0))
        places = np.moveaxis(_moved(to_source, points), -1, 0)
        result[planes] = ndimage.map_coordinates(source.values, places, order=order)
    return result


def _moved(affine: Affine, points: np.ndarray) -> np.ndarray:
    moved: np.ndarray = points @ affine[:3, :3].T + affine[:3, 3]
    return moved


def _sampled(field: VectorField, places: np.ndarray) -> FieldInBox:
    components = [
        ndimage.map_coordinates(field[..., axis], places, order=1, mode="nearest")
        for axis in range(3)
    ]
    return np.stack(components, axis=-1)
