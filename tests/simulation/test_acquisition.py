"""The scanner: noise, inhomogeneity, contrast and pose have the wanted size."""

import numpy as np
import pytest

from crosswarp.simulation.acquisition import (
    CENTRE,
    FIELD_OF_VIEW,
    acquire,
    random_pose,
    scanner_lattice,
)
from crosswarp.simulation.settings import WHITE, AcquisitionSettings

PERFECT = AcquisitionSettings(bias_sd=0, noise=0, gamma_sd=0)
EXTENT = (40, 44, 48)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_perfect_scanner_stores_the_head() -> None:
    head = rng().uniform(0, 1.5, EXTENT).astype(np.float32)
    stored = acquire(head, PERFECT, rng())
    np.testing.assert_allclose(stored, head * WHITE, atol=0.5)


def test_white_matter_is_stored_as_chosen() -> None:
    settings = PERFECT.model_copy(update={"white": 125.0})
    assert (acquire(np.ones(EXTENT, np.float32), settings, rng()) == 125).all()


def test_undershoot_of_the_splines_is_air() -> None:
    assert not acquire(np.full(EXTENT, -0.1, np.float32), PERFECT, rng()).any()


def test_noise_in_air_is_rayleigh() -> None:
    settings = PERFECT.model_copy(update={"noise": 0.04})
    air = acquire(np.zeros(EXTENT, np.float32), settings, rng()) / WHITE
    assert air.mean() == pytest.approx(0.04 * np.sqrt(np.pi / 2), rel=0.01)
    assert air.std() == pytest.approx(0.04 * np.sqrt(2 - np.pi / 2), rel=0.02)


def test_noise_in_tissue_is_the_setting() -> None:
    settings = PERFECT.model_copy(update={"noise": 0.04})
    tissue = acquire(np.ones(EXTENT, np.float32), settings, rng()) / WHITE
    assert tissue.std() == pytest.approx(0.04, rel=0.02)


def test_inhomogeneity_has_the_wanted_spread_and_is_smooth() -> None:
    settings = PERFECT.model_copy(update={"bias_sd": 0.2})
    logs = np.log(acquire(np.ones(EXTENT, np.float32), settings, rng()) / WHITE)
    assert logs.std() == pytest.approx(0.2, rel=0.02)
    assert np.abs(np.diff(logs, axis=0)).max() < 0.1


def test_gamma_leaves_white_matter_and_air() -> None:
    settings = PERFECT.model_copy(update={"gamma_sd": 0.2})
    head = np.full(EXTENT, 0.5, np.float32)
    head[0], head[1] = 0, 1
    stored = acquire(head, settings, rng())
    assert (stored[0] == 0).all()
    assert (stored[1] == WHITE).all()
    assert (np.abs(stored[2] - WHITE / 2) > 2).all()


def test_a_pose_is_rigid_and_small() -> None:
    draws = rng()
    settings = AcquisitionSettings(rotation_sd=3, translation_sd=3)
    poses = np.array([random_pose(settings, draws) for _ in range(300)])
    rotations = poses[:, :3, :3]
    np.testing.assert_allclose(
        rotations @ np.swapaxes(rotations, 1, 2),
        np.broadcast_to(np.eye(3), rotations.shape),
        atol=1e-12,
    )
    assert poses[:, :3, 3].std() == pytest.approx(3, rel=0.1)
    assert np.abs(poses[:, :3, 3]).max() <= 7.5
    angles = np.arccos((np.trace(rotations, axis1=1, axis2=2) - 1) / 2)
    assert 3 < np.degrees(angles).mean() < 7


@pytest.mark.parametrize("spacing", [1.0, 2.0, 4.0])
def test_the_field_of_view_does_not_depend_on_the_spacing(spacing: float) -> None:
    lattice = scanner_lattice(spacing)
    points = lattice.points()
    np.testing.assert_allclose((points.min(0) + points.max(0)) / 2, CENTRE)
    np.testing.assert_allclose(np.array(lattice.extent) * spacing, FIELD_OF_VIEW)
