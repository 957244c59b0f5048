"""The unbiased template of a person: both scans halfway, interpolated alike."""

import numpy as np

from crosswarp.longitudinal.change import Change
from crosswarp.longitudinal.pairs import Visit
from crosswarp.registration.resampling import resample
from crosswarp.types.arrays import Affine, Mask, ScalarMap, SpatialMap, VectorField


def both_halfway(
    first: Visit, later: Visit, change: Change, spacing: int = 1
) -> tuple[SpatialMap, SpatialMap, Mask]:
    """Bring both scans to their midpoint: rigid motion and half of the change.

    Each is interpolated once, from its own grid, by cubic splines, and scaled by the
    mean and the SD of its brain.

    Args:
        first: First scan of the person.
        later: Later scan of the person.
        change: What changed between them.
        spacing: Of the grid that is wanted, in mm.

    Returns:
        Both scans, and the brain.
    """
    grid = change.midspace.grid
    factor = grid.spacing / spacing
    affine: Affine = grid.affine.copy()
    affine[:3, :3] /= factor
    i, j, k = (round(n * factor) for n in grid.extent)
    field = _on_grid(change.displacement, grid.affine, (i, j, k), affine)
    images = []
    for visit, to_scan, sign in zip(
        (first, later), change.midspace.to_scans, (-1, 1), strict=True
    ):
        inside = visit.scan.values[visit.brain]
        scaled = ((visit.scan.values - inside.mean()) / inside.std()).astype(np.float32)
        values = resample(
            SpatialMap(scaled, visit.scan.affine),
            (i, j, k),
            affine,
            to_scan,
            np.float32(sign / 2) * field,
            order=3,
            outside="nearest",
        )
        images.append(SpatialMap(values, affine))
    stored = SpatialMap(change.midspace.brain.astype(np.float32), grid.affine)
    brain: Mask = resample(stored, (i, j, k), affine) > 0.5
    return images[0], images[1], brain


def midpoint(first: SpatialMap, later: SpatialMap) -> SpatialMap:
    """Take the mean of two scans that lie halfway; see `both_halfway`."""
    mean: ScalarMap = (first.values + later.values) / np.float32(2)
    return SpatialMap(mean, first.affine)


def _on_grid(
    field: VectorField,
    affine: Affine,
    extent: tuple[int, int, int],
    wanted: Affine,
) -> np.ndarray:
    parts = [
        resample(
            SpatialMap(np.ascontiguousarray(field[..., axis]), affine),
            extent,
            wanted,
            outside="nearest",
        )
        for axis in range(3)
    ]
    return np.stack(parts, axis=-1)
