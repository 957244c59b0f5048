"""resample: points go where the affine and the displacement say."""

import numpy as np
import pytest

from crosswarp.registration import resampling as module
from crosswarp.registration.resampling import grid_points, resample
from crosswarp.types.arrays import SpatialMap


def ramp(affine: np.ndarray) -> SpatialMap:
    """A map whose value is x + 10 y + 100 z, in mm, so that places can be read off."""
    points = grid_points((21, 22, 23), affine)
    return SpatialMap(points @ np.array([1.0, 10, 100]), affine)


def test_the_same_place_has_the_same_value(affine: np.ndarray) -> None:
    source = ramp(affine)
    inner = affine.copy()
    inner[:3, 3] = affine[:3] @ [5.0, 6, 7, 1]
    finer = inner @ np.diag([0.5, 0.5, 0.5, 1])
    sampled = resample(source, (8, 9, 10), finer)
    expected = grid_points((8, 9, 10), finer) @ np.array([1.0, 10, 100])
    np.testing.assert_allclose(sampled, expected, atol=1e-2)


def test_the_affine_comes_after_the_displacement() -> None:
    source = ramp(np.eye(4))
    double = np.diag([2.0, 2, 2, 1])
    displacement = np.broadcast_to([1.0, 0, 0], (4, 5, 6, 3)).copy()
    sampled = resample(
        source, (4, 5, 6), np.eye(4), to_source=double, displacement=displacement
    )
    points = 2 * (grid_points((4, 5, 6), np.eye(4)) + np.array([1.0, 0, 0]))
    np.testing.assert_allclose(sampled, points @ np.array([1.0, 10, 100]))


def test_both_ways_agree_without_displacement(rng: np.random.Generator) -> None:
    source = SpatialMap(rng.normal(size=(9, 10, 11)), np.diag([2.0, 1, 1.5, 1]))
    turn = np.eye(4)
    turn[:3, 3] = (1.2, 0.7, -0.4)
    still = np.zeros((6, 7, 8, 3))
    one = resample(source, (6, 7, 8), np.eye(4), turn)
    other = resample(source, (6, 7, 8), np.eye(4), turn, still)
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_outside_is_zero() -> None:
    source = SpatialMap(np.ones((5, 5, 5)), np.eye(4))
    far = np.eye(4)
    far[:3, 3] = 100
    assert not resample(source, (3, 4, 5), far).any()


def test_a_displacement_goes_on_outside() -> None:
    shift = SpatialMap(np.full((5, 5, 5), 3.0), np.diag([2.0, 2, 2, 1]))
    grid = np.eye(4)
    assert resample(shift, (10, 10, 10), grid)[-1].max() == 0
    for displacement in (None, np.zeros((10, 10, 10, 3))):
        found = resample(
            shift, (10, 10, 10), grid, displacement=displacement, outside="nearest"
        )
        np.testing.assert_allclose(found, 3.0)


@pytest.mark.parametrize("planes", [1, 4, 7])
def test_a_few_planes_at_a_time_give_the_same_bits(
    rng: np.random.Generator,
    affine: np.ndarray,
    planes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = SpatialMap(rng.random((19, 18, 17)).astype(np.float32), affine)
    moved = rng.normal(size=(18, 16, 15, 3)).astype(np.float32)
    turn = np.eye(4)
    turn[:3, 3] = (1.2, 0.7, -0.4)
    monkeypatch.setattr(module, "PLANES", 18)
    whole = resample(source, (18, 16, 15), affine, turn, moved)
    monkeypatch.setattr(module, "PLANES", planes)
    np.testing.assert_array_equal(
        resample(source, (18, 16, 15), affine, turn, moved), whole
    )
    assert whole.dtype == np.float32
    assert whole.any()
