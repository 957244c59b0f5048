"""Grid and box: what networks see, and that it lies evenly about the midline."""

import numpy as np
import pytest

from crosswarp.errors import ShapeError
from crosswarp.inputs.grid import Grid, brain_box, whole_box

EXTENT = (20, 9, 12)
MIDLINE = np.array([[2, 0, 0, -19], [0, 2, 0, 5], [0, 0, 2, 5], [0, 0, 0, 1.0]])


def brain(*box: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(EXTENT, dtype=bool)
    mask[tuple(slice(*bounds) for bounds in box)] = True
    return mask


def test_the_box_keeps_a_margin_and_stays_inside() -> None:
    mask = brain((5, 15), (1, 5), (4, 6))
    assert brain_box(mask, MIDLINE) == ((3, 17), (0, 7), (2, 8))


@pytest.mark.parametrize("flipped", [False, True], ids=["RAS", "LAS"])
def test_the_box_is_even_about_the_midline(flipped: bool) -> None:
    affine = MIDLINE.copy()
    if flipped:
        affine[0, 0], affine[0, 3] = -2, 19
    mask = brain((6, 12), (3, 5), (4, 6))
    # The midline is between voxels 9 and 10; 6 to 11 with its mirror is 6 to 13.
    assert brain_box(mask, affine)[0] == (4, 16)


def test_a_midline_outside_the_grid_is_left_alone() -> None:
    mask = brain((6, 12), (3, 5), (4, 6))
    assert brain_box(mask, np.diag([2.0, 2, 2, 1]))[0] == (4, 14)


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(ShapeError, match="brain mask is empty"):
        brain_box(brain((0, 0), (0, 0), (0, 0)), MIDLINE)


def test_cropping() -> None:
    grid = Grid("T", 2, EXTENT, MIDLINE, ((3, 17), (0, 7), (2, 8)))
    values = np.arange(np.prod(EXTENT)).reshape(EXTENT).astype(np.float32)
    np.testing.assert_array_equal(grid.crop(values), values[3:17, :7, 2:8])
    assert grid.seen_extent == (14, 7, 6)
    assert grid.spacing == (2.0, 2.0, 2.0)
    assert whole_box(EXTENT) == ((0, 20), (0, 9), (0, 12))
    with pytest.raises(ShapeError, match=r"of \(20, 9, 12\) voxels, got \(20, 9, 11\)"):
        grid.crop(values[..., 1:])


def test_the_left_right_axis_follows_the_affine() -> None:
    turned = MIDLINE[:, [1, 0, 2, 3]]
    assert Grid("T", 2, EXTENT, turned, whole_box(EXTENT)).left_right == 1


@pytest.mark.parametrize("turned", [False, True], ids=["first axis", "second axis"])
@pytest.mark.parametrize("flipped", [False, True], ids=["RAS", "LAS"])
def test_mirroring_is_about_x_0(flipped: bool, turned: bool) -> None:
    """A voxel goes to the one whose x is the negative of its own, in any box."""
    affine, axis = MIDLINE.copy(), int(turned)
    if flipped:
        affine[0, 0], affine[0, 3] = -2, 19
    if turned:
        affine = affine[:, [1, 0, 2, 3]]
    extent = (20, 20, 12)
    box = ((4, 15), (4, 15), (2, 8))
    grid = Grid("T", 2, extent, affine, box)
    indices = np.indices(extent)
    x = affine[0, axis] * indices[axis] + affine[0, 3]
    values = (100 * x + indices[1 - axis] + 0.01 * indices[2]).astype(np.float32)
    expected = (-100 * x + indices[1 - axis] + 0.01 * indices[2]).astype(np.float32)
    mirrored = grid.mirror(grid.crop(values))
    # Voxels 4 to 14 have their mirror images at 15 to 5: 4 has none in the box.
    first = np.moveaxis(mirrored, axis, 0)
    assert not first[0].any()
    wanted = np.moveaxis(grid.crop(expected), axis, 0)
    np.testing.assert_allclose(first[1:], wanted[1:], atol=1e-3)


def test_mirroring_the_even_box_loses_nothing() -> None:
    grid = Grid("T", 2, EXTENT, MIDLINE, ((4, 16), (0, 7), (2, 8)))
    values = np.random.default_rng(0).normal(size=grid.seen_extent)
    np.testing.assert_array_equal(grid.mirror(values), values[::-1])
    np.testing.assert_array_equal(grid.mirror(grid.mirror(values)), values)
    with pytest.raises(ShapeError, match=r"of \(12, 7, 6\) voxels, got"):
        grid.mirror(values[1:])
