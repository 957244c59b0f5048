"""Random anatomy has the spread that the settings say."""

import numpy as np
import pytest

from crosswarp.simulation.anatomy import (
    MARGIN,
    anatomy_lattice,
    random_size,
    random_velocity,
)
from crosswarp.simulation.fields import Lattice, exponential
from crosswarp.simulation.heads import Head
from crosswarp.simulation.settings import AnatomySettings

LATTICE = Lattice((48, 50, 52), (-94.0, -98.0, -102.0), 4.0)


def inner_points() -> np.ndarray:
    axis = np.arange(-60, 61, 6.0)
    grid = np.meshgrid(axis, axis, axis, indexing="ij")
    return np.stack(grid, axis=-1).reshape(-1, 3).astype(np.float32)


@pytest.mark.parametrize("wanted", [0.05, 0.10])
def test_the_log_jacobian_has_the_wanted_spread(wanted: float) -> None:
    settings = AnatomySettings(log_jacobian_sd=wanted)
    spreads = []
    for seed in range(4):
        velocity = random_velocity(LATTICE, settings, np.random.default_rng(seed))
        determinant = exponential(velocity).determinant(inner_points(), 4.0)
        assert determinant.min() > 0
        spreads.append(np.log(determinant).std())
    assert np.mean(spreads) == pytest.approx(wanted, rel=0.1)


def test_nothing_moves_at_the_edge() -> None:
    rng = np.random.default_rng(0)
    vectors = random_velocity(LATTICE, AnatomySettings(), rng).vectors
    for axis in range(3):
        for end in (0, -1):
            assert np.abs(np.take(vectors, end, axis=axis)).max() < 1e-6
    assert np.abs(vectors).max() > 1


def test_no_spread_is_no_change() -> None:
    settings = AnatomySettings(log_jacobian_sd=0)
    velocity = random_velocity(LATTICE, settings, np.random.default_rng(0))
    assert not velocity.vectors.any()


def test_the_lattice_holds_the_head_and_a_margin(head: Head) -> None:
    lattice = anatomy_lattice(head.t1w)
    lower, upper = lattice.points().min(axis=0), lattice.points().max(axis=0)
    first = head.t1w.affine[:3, 3]
    last = first + np.array(head.t1w.extent) - 1
    assert (lower <= first - MARGIN).all()
    assert (upper >= last + MARGIN).all()


def test_men_are_larger_by_the_setting() -> None:
    settings = AnatomySettings()
    logs = {
        sex: np.log(np.linalg.det(random_size(settings, sex, rng)))
        for sex in "FM"
        for rng in [np.random.default_rng(5)]
    }
    assert logs["M"] - logs["F"] == pytest.approx(3 * settings.male_size)


def test_sizes_spread_as_the_settings_say() -> None:
    settings = AnatomySettings(size_sd=0.03, stretch_sd=0.02)
    rng = np.random.default_rng(0)
    logs = np.array(
        [np.log(np.diag(random_size(settings, "F", rng))[:3]) for _ in range(2000)]
    )
    assert logs.mean(axis=1).std() == pytest.approx(0.03, rel=0.05)
    expected = settings.mean_size - settings.male_size / 2
    assert logs.mean() == pytest.approx(expected, abs=0.002)
    within = (logs - logs.mean(axis=1, keepdims=True)).std()
    assert within == pytest.approx(0.02 * np.sqrt(2 / 3), rel=0.05)
