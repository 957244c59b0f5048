"""Values of a map at the voxels of another grid, through an affine and a warp."""

from typing import Final, Literal

import numpy as np
from scipy import ndimage

from crosswarp.types.arrays import Affine, ScalarMap, SpatialMap, VectorField
from crosswarp.types.grid import Extent

PLANES: Final = 16
"""Of the first axis, that are sampled at a time where there is a displacement."""


def resample(
    source: SpatialMap,
    extent: Extent,
    affine: Affine,
    to_source: Affine | None = None,
    displacement: VectorField | None = None,
    order: int = 1,
    outside: Literal["constant", "nearest"] = "constant",
) -> ScalarMap:
    """Sample ``source`` on a grid.

    Args:
        source: Values and where they lie.
        extent: Voxels of the wanted grid.
        affine: Of the wanted grid, voxels to RAS+ mm.
        to_source: Wanted grid's mm to the source's mm; the identity when None.
        displacement: Millimetres, RAS+, added to a grid point before
            ``to_source``.
        order: 0 takes the nearest voxel, 1 interpolates linearly.
        outside: ``constant`` gives 0 outside the source, as for an image whose air is
            0; ``nearest`` continues the values at its edge, as for a displacement,
            whose derivative is wanted.

    Returns:
        Values on the wanted grid.
    """
    to_voxels = np.linalg.inv(source.affine) @ (
        np.eye(4) if to_source is None else to_source
    )
    if displacement is None:
        whole = to_voxels @ affine
        sampled: ScalarMap = ndimage.affine_transform(
            source.values,
            whole[:3, :3],
            whole[:3, 3],
            extent,
            order=order,
            mode=outside,
        )
        return sampled
    warped: ScalarMap = np.empty(extent, source.values.dtype)
    # A few planes at a time: the points of a whole 1 mm grid take 200 MB.
    for start in range(0, extent[0], PLANES):
        some = displacement[start : start + PLANES]
        points = grid_points(some.shape[:3], affine, start) + some
        voxels = points @ to_voxels[:3, :3].T + to_voxels[:3, 3]
        warped[start : start + PLANES] = ndimage.map_coordinates(
            source.values, np.moveaxis(voxels, -1, 0), order=order, mode=outside
        )
    return warped


def at_spacing(scan: SpatialMap, spacing: float) -> SpatialMap:
    """Smooth as much as a coarser grid needs, then resample along the same axes.

    Args:
        scan: Scan of any spacing.
        spacing: Wanted spacing along every axis, in mm.
    """
    ratio = spacing / np.array(scan.spacing)
    widths = 0.35 * np.sqrt(np.maximum(ratio**2 - 1, 0))
    smooth = ndimage.gaussian_filter(scan.values, widths)
    affine: Affine = scan.affine.copy()
    affine[:3, :3] *= ratio
    i, j, k = np.ceil(np.array(scan.extent) / ratio).astype(int)
    extent: Extent = (int(i), int(j), int(k))
    return SpatialMap(resample(SpatialMap(smooth, scan.affine), extent, affine), affine)


def grid_points(extent: Extent, affine: Affine, start: int = 0) -> VectorField:
    """RAS+ millimetres of every voxel of a grid.

    Args:
        extent: Voxels along each axis.
        affine: Voxel indices to millimetres.
        start: First plane along the first axis, where a part of a grid is wanted.
    """
    indices = np.moveaxis(np.indices(extent, dtype=np.float32), 0, -1)
    indices[..., 0] += start
    points: VectorField = indices @ affine[:3, :3].T + affine[:3, 3]
    return points
