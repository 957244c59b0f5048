"""log_jacobian: what must hold for any deformation, and what it must refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosswarp.errors import FoldingError, ShapeError
from crosswarp.registration import jacobian as module
from crosswarp.registration.jacobian import (
    SMALLEST_DETERMINANT,
    jacobian_determinant,
    log_jacobian,
)

Shape = tuple[int, int, int]


def linear_field(matrix: np.ndarray, shape: Shape, affine: np.ndarray) -> np.ndarray:
    """Displacement, in mm, of the linear map ``x -> matrix @ x``."""
    voxels = np.stack(np.indices(shape), axis=-1)
    world = voxels @ affine[:3, :3].T + affine[:3, 3]
    return world @ (matrix - np.eye(3)).T


def test_no_deformation_is_zero(grid_shape: Shape, affine: np.ndarray) -> None:
    result = log_jacobian(np.zeros((*grid_shape, 3)), affine)
    np.testing.assert_array_equal(result, np.zeros(grid_shape))


def test_moving_without_deforming_is_zero(
    grid_shape: Shape, affine: np.ndarray
) -> None:
    result = log_jacobian(np.full((*grid_shape, 3), 12.0), affine)
    np.testing.assert_allclose(result, 0, atol=1e-12)


@pytest.mark.parametrize(
    ("scale", "sign"),
    [(1.1, 1), (0.9, -1)],
    ids=["ventricle grows", "hippocampus shrinks"],
)
def test_sign_is_of_the_participant(
    grid_shape: Shape, affine: np.ndarray, scale: float, sign: int
) -> None:
    field = linear_field(scale * np.eye(3), grid_shape, affine)
    result = log_jacobian(field, affine)
    np.testing.assert_allclose(result, 3 * np.log(scale), rtol=1e-9)
    assert (np.sign(result) == sign).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-0.2, 0.2), min_size=9, max_size=9))
def test_linear_map_gives_its_log_determinant(entries: list[float]) -> None:
    matrix = np.eye(3) + np.array(entries).reshape(3, 3)
    affine = np.diag([2.0, 1.5, 1.0, 1.0])
    expected = np.log(np.linalg.det(matrix))
    result = log_jacobian(linear_field(matrix, (4, 5, 6), affine), affine)
    np.testing.assert_allclose(result, expected, rtol=1e-6, atol=1e-9)


def test_folding_is_refused_and_counted(grid_shape: Shape, affine: np.ndarray) -> None:
    mirrored = linear_field(np.diag([-1.0, 1, 1]), grid_shape, affine)
    with pytest.raises(FoldingError, match=r"folds in 504 of 504 voxels"):
        log_jacobian(mirrored, affine)


def test_flat_grid_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"got a grid of \(1, 8, 9\)"):
        log_jacobian(np.zeros((1, 8, 9, 3)), np.eye(4))


def test_folding_outside_the_brain_does_not_count(
    grid_shape: Shape, affine: np.ndarray
) -> None:
    mirrored = linear_field(np.diag([-1.0, 1, 1]), grid_shape, affine)
    nowhere = np.zeros(grid_shape, bool)
    result = log_jacobian(mirrored, affine, within=nowhere)
    np.testing.assert_allclose(result, np.log(SMALLEST_DETERMINANT))


def test_some_folding_can_be_tolerated(grid_shape: Shape, affine: np.ndarray) -> None:
    mirrored = linear_field(np.diag([-1.0, 1, 1]), grid_shape, affine)
    assert np.isfinite(log_jacobian(mirrored, affine, most_folded=1.0)).all()


def test_the_type_of_the_displacement_is_kept(grid_shape: Shape) -> None:
    field = np.zeros((*grid_shape, 3), np.float32)
    assert jacobian_determinant(field, np.eye(4)).dtype == np.float32


@pytest.mark.parametrize("planes", [1, 2, 4, 17])
def test_a_few_planes_at_a_time_give_the_same_bits(
    affine: np.ndarray, planes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    displacement = rng.normal(size=(17, 9, 8, 3)).astype(np.float32)
    monkeypatch.setattr(module, "PLANES", 100)
    whole = jacobian_determinant(displacement, affine)
    monkeypatch.setattr(module, "PLANES", planes)
    found = jacobian_determinant(displacement, affine)
    np.testing.assert_array_equal(found, whole)
    assert found.dtype == np.float32
