"""From the template back into the scan: known fields are undone."""

import numpy as np
import pytest

from crosswarp.registration.inverse import inverse_displacement, onto_scan
from crosswarp.registration.result import Registration
from crosswarp.types.arrays import SpatialMap

EXTENT = (20, 22, 24)


@pytest.fixture
def grid() -> np.ndarray:
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:3, 3] = (-20, -22, -24)
    return affine


@pytest.fixture
def bump(grid: np.ndarray) -> np.ndarray:
    """A smooth push by up to 3 mm that leaves the border where it is."""
    points = np.moveaxis(np.indices(EXTENT), 0, -1) @ grid[:3, :3] + grid[:3, 3]
    height = np.exp(-(np.linalg.norm(points, axis=-1) ** 2) / (2 * 7.0**2))
    return height[..., None] * np.array([3.0, -2.0, 1.0])


def test_there_and_back_again_is_where_it_was(
    bump: np.ndarray, grid: np.ndarray
) -> None:
    inverse = inverse_displacement(bump, grid)
    back = inverse_displacement(inverse, grid)
    assert np.abs(inverse + bump).max() > 0.3  # no mere change of sign
    assert np.abs(back - bump).max() < 0.15


def test_a_point_of_the_template_is_found_in_the_scan(
    bump: np.ndarray, grid: np.ndarray
) -> None:
    """A blob at x on the template lies at affine(x + u(x)) in the scan."""
    affine = np.eye(4)
    affine[:3, 3] = (4.0, 0.0, -2.0)
    voxel = np.array([11, 12, 11])
    values = np.zeros(EXTENT, np.float32)
    values[tuple(voxel)] = 1
    registration = Registration(affine, bump)
    scan_affine = np.eye(4)
    scan_affine[:3, 3] = (-24, -24, -26)
    scan = ((50, 48, 52), scan_affine)
    found = onto_scan(SpatialMap(values, grid), registration, grid, scan)
    point = grid[:3, :3] @ voxel + grid[:3, 3] + bump[tuple(voxel)] + affine[:3, 3]
    weights = found / found.sum()
    centre = [(weights * axis).sum() for axis in np.indices(found.shape)]
    assert np.array(centre) + scan_affine[:3, 3] == pytest.approx(point, abs=0.3)


def test_outside_the_template_there_is_nothing(grid: np.ndarray) -> None:
    ones = SpatialMap(np.ones(EXTENT, np.float32), grid)
    still = Registration(np.eye(4), np.zeros((*EXTENT, 3)))
    far = np.eye(4)
    far[:3, 3] = 500
    assert not onto_scan(ones, still, grid, ((3, 4, 5), far)).any()
