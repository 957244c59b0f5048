"""Volumes of the atlas's regions in a person, and how much they changed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from crosswarp.longitudinal.change import Change
from crosswarp.registration.jacobian import jacobian_determinant
from crosswarp.registration.resampling import grid_points
from crosswarp.registration.result import Registration
from crosswarp.types.arrays import (
    Affine,
    FinerMap,
    LabelMap,
    Mask,
    ScalarMap,
    SpatialMap,
    VectorField,
)


@dataclass(frozen=True)
class Carrier:
    """How the template's grid finds its place in the midspace, through one scan.

    Attributes:
        places: Voxel indices of the midspace grid, at the template's voxels.
        volume: Cubic millimetres of the scan in a voxel of the template.
    """

    places: VectorField
    volume: ScalarMap


def carrier(
    registration: Registration, grid: SpatialMap, to_scan: Affine, change: Change
) -> Carrier:
    """Carry the template to the midspace through the registration of one scan.

    Args:
        registration: Of the template to the scan, its displacement on ``grid``.
        grid: Grid of the template.
        to_scan: Midspace mm to the mm of that scan.
        change: What changed; its grid is that of the midspace.
    """
    space = change.midspace.grid.affine
    whole = np.linalg.inv(space) @ np.linalg.inv(to_scan) @ registration.affine
    moved = grid_points(grid.extent, grid.affine) + registration.displacement
    places = moved @ whole[:3, :3].T + whole[:3, 3]
    determinant = jacobian_determinant(registration.displacement, grid.affine)
    cell = abs(np.linalg.det(registration.affine[:3, :3] @ grid.affine[:3, :3]))
    return Carrier(
        places.astype(np.float32), np.maximum(determinant, 0) * np.float32(cell)
    )


def on_template(values: ScalarMap, carriers: Sequence[Carrier]) -> list[FinerMap]:
    """Sample a map of the midspace at the voxels of the template, by each carrier."""
    return [
        ndimage.map_coordinates(
            values, np.moveaxis(one.places, -1, 0), order=1, mode="constant"
        )
        for one in carriers
    ]


def change_map(change: Change, carriers: Sequence[Carrier], within: Mask) -> ScalarMap:
    """Carry the map of change to the template: the mean through both scans.

    Args:
        change: Change between both scans.
        carriers: Through the first and through the later scan.
        within: The template's brain; the map is 0 outside it.
    """
    first, later = on_template(change.log_change, carriers)
    mean: ScalarMap = np.where(within, (first + later) / np.float32(2), 0)
    return mean.astype(np.float32)


def region_volumes(
    change: Change, carriers: Sequence[Carrier], labels: LabelMap, wanted: Sequence[int]
) -> np.ndarray:
    """Measure each region in both scans, in mm^3.

    A region is where the registrations of both scans carry the atlas; both of its
    volumes are of that same place of the midspace.

    Args:
        change: Change between both scans.
        carriers: Through the first and through the later scan.
        labels: Regions on the template's grid.
        wanted: Labels that are measured.

    Returns:
        A row for each region: volume at the first scan, and at the later one.
    """
    columns = []
    for log_volume in change.log_volumes:
        parts = [
            np.bincount(
                labels.ravel(),
                weights=(one.volume * np.exp(there)).ravel().astype(np.float64),
                minlength=max(wanted) + 1,
            )
            for one, there in zip(
                carriers, on_template(log_volume, carriers), strict=True
            )
        ]
        columns.append((parts[0] + parts[1])[list(wanted)] / 2)
    return np.stack(columns, axis=1)


def log_ratios(volumes: np.ndarray) -> np.ndarray:
    """Logarithm of the later volume over the first; NaN where there is no volume."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(volumes)
        return np.asarray(logs[:, 1] - logs[:, 0])
