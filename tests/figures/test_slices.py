"""Planes lie where they say, whatever the order and direction of the voxel axes."""

import numpy as np
import pytest

from crosswarp.figures.slices import brain_box, take_slice, to_ras
from crosswarp.types.arrays import SpatialMap


def world_map(affine: np.ndarray, shape: tuple[int, int, int], axis: int) -> SpatialMap:
    """A map whose value is the voxel's own place along a world axis."""
    grid = np.moveaxis(np.indices(shape), 0, -1)
    world = grid @ affine[:3, :3].T + affine[:3, 3]
    return SpatialMap(world[..., axis].astype(np.float64), affine)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, 1), (-1, -1, 1)], ids=str)
def test_plane_shows_the_values_of_its_place(
    grid_shape: tuple[int, int, int], signs: tuple[int, int, int], axis: int
) -> None:
    affine = np.diag([2.0 * signs[0], 1.5 * signs[1], 1.0 * signs[2], 1.0])
    affine[:3, 3] = (-90, -126, -72)
    spatial = world_map(affine, grid_shape, axis)
    middle = float(np.median(spatial.values))
    plane = take_slice(spatial, axis, middle)
    np.testing.assert_allclose(plane.values, plane.position)
    assert abs(plane.position - middle) <= spatial.spacing[axis]


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_values_grow_to_the_right_and_upwards(
    grid_shape: tuple[int, int, int], affine: np.ndarray, axis: int
) -> None:
    across, up = (other for other in range(3) if other != axis)
    to_the_right = take_slice(world_map(affine, grid_shape, across), axis, 0.0)
    upwards = take_slice(world_map(affine, grid_shape, up), axis, 0.0)
    assert (np.diff(to_the_right.values, axis=1) > 0).all()
    assert (np.diff(upwards.values, axis=0) > 0).all()


def test_borders_are_the_outer_edges_of_the_voxels() -> None:
    affine = np.diag([2.0, 3.0, 4.0, 1.0])
    affine[:3, 3] = (-10, -20, -30)
    plane = take_slice(SpatialMap(np.zeros((5, 6, 7)), affine), 1, -14.0)
    assert plane.position == -14
    assert plane.borders == (-11, -1, -32, -4)
    assert plane.values.shape == (7, 5)
    assert plane.sides == ("L", "R")
    assert plane.title == "coronal, y = \u221214 mm"


def test_place_outside_is_moved_to_the_edge() -> None:
    spatial = SpatialMap(np.zeros((3, 4, 5)), np.eye(4))
    assert take_slice(spatial, 2, 99.0).position == 4
    assert take_slice(spatial, 2, -99.0).position == 0
    assert take_slice(spatial, 0, 1.0).sides == ("P", "A")


def test_swapped_axes_come_back_to_ras() -> None:
    affine = np.array([[0, 0, -2.0, 10], [3.0, 0, 0, 0], [0, -1.0, 0, 5], [0, 0, 0, 1]])
    for axis in range(3):
        upright = to_ras(world_map(affine, (4, 5, 6), axis))
        assert upright.extent == (6, 4, 5)
        assert (np.diag(upright.affine)[:3] > 0).all()
        own = world_map(upright.affine, upright.extent, axis)
        np.testing.assert_allclose(upright.values, own.values)


def test_box_holds_the_brain_and_its_margin() -> None:
    values = np.zeros((10, 11, 12))
    values[2:5, 3:9, 4:6] = 1
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    box = brain_box(SpatialMap(values, affine), margin=1.0)
    assert box == [(3, 9), (5, 17), (7, 11)]


def test_empty_map_has_the_whole_grid_as_box() -> None:
    box = brain_box(SpatialMap(np.zeros((3, 4, 5)), np.eye(4)), margin=0.0)
    assert box == [(0, 2), (0, 3), (0, 4)]
