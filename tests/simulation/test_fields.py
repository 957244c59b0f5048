"""Fields: interpolation, exponentials, their inverses and determinants."""

import numpy as np
import pytest

from crosswarp.errors import FoldingError
from crosswarp.simulation.anatomy import random_velocity
from crosswarp.simulation.fields import Field, Lattice, exponential, spread
from crosswarp.simulation.settings import AnatomySettings

LATTICE = Lattice((24, 26, 28), (-48.0, -50.0, -52.0), 4.0)


@pytest.fixture(scope="module")
def velocity() -> Field:
    settings = AnatomySettings(log_jacobian_sd=0.2)
    return random_velocity(LATTICE, settings, np.random.default_rng(0))


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.uniform(-40, 40, (2000, 3)).astype(np.float32)


def linear_field(matrix: np.ndarray) -> Field:
    """Displacement of ``x -> matrix @ x``."""
    vectors = LATTICE.points() @ (matrix - np.eye(3)).T
    return Field(LATTICE, vectors.reshape(*LATTICE.extent, 3).astype(np.float32))


def test_a_lattice_covers_its_box() -> None:
    lower, upper = np.array([[-10.0, -20.0, -30.0]]), np.array([[11.0, 12.5, 13.0]])
    lattice = Lattice.around(lower, upper, 2.0)
    reached = lattice.points()
    np.testing.assert_array_equal(reached.min(axis=0), lower[0])
    assert (reached.max(axis=0) >= upper[0]).all()
    assert (reached.max(axis=0) < upper[0] + 2).all()


def test_cells_follow_the_affine(points: np.ndarray) -> None:
    cells = LATTICE.cells(points)
    back = cells @ LATTICE.affine[:3, :3].T + LATTICE.affine[:3, 3]
    np.testing.assert_allclose(back, points, atol=1e-4)


def test_a_linear_field_is_interpolated_exactly(points: np.ndarray) -> None:
    matrix = np.array([[1.1, 0.02, 0], [0, 0.95, 0.03], [0.01, 0, 1.05]])
    moved = linear_field(matrix).move(points)
    np.testing.assert_allclose(moved, points @ matrix.T, atol=1e-3)


def test_outside_its_lattice_a_field_is_zero() -> None:
    field = Field(LATTICE, np.ones((*LATTICE.extent, 3), dtype=np.float32))
    far = np.array([[200.0, 0, 0], [0, -300, 0]], dtype=np.float32)
    np.testing.assert_array_equal(field.at(far), np.zeros((2, 3)))


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.2])
def test_determinant_is_the_volume_ratio(points: np.ndarray, scale: float) -> None:
    determinant = linear_field(scale * np.eye(3)).determinant(points)
    np.testing.assert_allclose(determinant, scale**3, rtol=1e-3)


def test_a_fold_is_refused_and_counted(points: np.ndarray) -> None:
    mirrored = linear_field(np.diag([-1.0, 1, 1]))
    with pytest.raises(FoldingError, match=f"folds in 2000 of {len(points)} points"):
        mirrored.determinant(points)


def test_where_nothing_moves_nothing_is_changed() -> None:
    still = Field(LATTICE, np.zeros((*LATTICE.extent, 3), dtype=np.float32))
    np.testing.assert_array_equal(exponential(still).vectors, still.vectors)


def test_the_exponential_of_a_shear_is_exact() -> None:
    # v = (a y, 0, 0) far from the edge: exp moves x by a y exactly.
    window = np.zeros(LATTICE.extent, dtype=np.float32)
    window[4:-4, 4:-4, 4:-4] = 1
    y = LATTICE.points()[:, 1].reshape(LATTICE.extent)
    vectors = np.stack([0.1 * y * window, 0 * y, 0 * y], axis=-1).astype(np.float32)
    inner = np.array([[0.0, 10, 0], [4, -12, 3]], dtype=np.float32)
    moved = exponential(Field(LATTICE, vectors)).at(inner)
    np.testing.assert_allclose(moved[:, 0], 0.1 * inner[:, 1], atol=1e-3)
    np.testing.assert_allclose(moved[:, 1:], 0, atol=1e-6)


def test_the_negative_velocity_gives_the_inverse(
    velocity: Field, points: np.ndarray
) -> None:
    forward, backward = exponential(velocity), exponential(velocity.scaled(-1.0))
    returned = backward.move(forward.move(points))
    distance = np.linalg.norm(returned - points, axis=1)
    moved = np.linalg.norm(forward.at(points), axis=1)
    assert moved.mean() > 1.0
    assert distance.mean() < 0.1
    assert distance.max() < 0.5


def test_origins_undo_the_map(velocity: Field, points: np.ndarray) -> None:
    field = exponential(velocity)
    np.testing.assert_allclose(field.move(field.origins(points)), points, atol=0.02)


def test_origins_of_a_fold_are_refused(points: np.ndarray) -> None:
    with pytest.raises(FoldingError, match="could not be inverted"):
        linear_field(np.diag([-1.0, 1, 1])).origins(points)


def test_spread_keeps_a_linear_map_and_continues_the_edge() -> None:
    coarse = Lattice((6, 7, 8), (-10.0, -12.0, -14.0), 4.0)
    fine = Lattice((30, 33, 36), (-9.0, -11.5, -13.0), 1.0)
    slope = np.array([0.5, -1.0, 2.0])
    values = (coarse.points() @ slope).reshape(coarse.extent)
    found = spread(values, coarse, fine)
    limits = np.array([-10, -12, -14]), np.array([10, 12, 14])
    expected = np.clip(fine.points(), *limits) @ slope
    np.testing.assert_allclose(found.ravel(), expected, atol=1e-4)
