"""What happens to a scan: sites, voxels, field of view, motion and faults."""

import numpy as np
import pytest
from scipy import ndimage

from crosswarp.simulation.acquisition import scanner_lattice
from crosswarp.simulation.drawing import Streams
from crosswarp.simulation.presets import preset_settings
from crosswarp.simulation.scanning import (
    FAULTS,
    ScanTruth,
    cropped,
    scan_head,
    scanner_of,
    thinned,
    with_motion,
)
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.types.arrays import SpatialMap


@pytest.fixture(scope="module")
def ball() -> SpatialMap:
    """A bright ball with a dark one in it, off the middle."""
    lattice = scanner_lattice(4.0)
    points = lattice.points() - np.array([4, -10, 20], np.float32)
    away = np.linalg.norm(points, axis=1).reshape(lattice.extent)
    values = np.where(away < 70, 1.0, 0.0) - np.where(away < 20, 0.6, 0.0)
    smooth = ndimage.gaussian_filter(values, 0.7).astype(np.float32)
    return SpatialMap(smooth, lattice.affine)


def centre(head: SpatialMap) -> np.ndarray:
    middle = np.array(ndimage.center_of_mass(head.values))
    return head.affine[:3, :3] @ middle + head.affine[:3, 3]


def scan(
    ball: SpatialMap, number: int, **changes: float
) -> tuple[SpatialMap, ScanTruth]:
    settings = preset_settings("easy", participants=1)
    acquisition = settings.acquisition.model_copy(update=changes)
    chosen = settings.model_copy(update={"acquisition": acquisition})
    return scan_head(ball, "site1", chosen, Streams.of(number, chosen))


def test_cropping_takes_the_neck_and_moves_nothing(ball: SpatialMap) -> None:
    less = cropped(ball, 13.0)
    assert less.extent == (*ball.extent[:2], ball.extent[2] - 3)
    np.testing.assert_array_equal(less.values, ball.values[:, :, 3:])
    point = less.affine @ [5, 6, 7, 1]
    np.testing.assert_allclose(point, ball.affine @ [5, 6, 10, 1])


def test_larger_voxels_show_the_same_place_and_amount(ball: SpatialMap) -> None:
    large = thinned(ball, (4.0, 6.0, 8.0))
    assert large.spacing == (4.0, 6.0, 8.0)
    np.testing.assert_allclose(centre(large), centre(ball), atol=0.3)
    amounts = [h.values.sum() * np.prod(h.spacing) for h in (large, ball)]
    assert amounts[0] == pytest.approx(amounts[1], rel=0.02)
    assert large.values.std() < ball.values.std()


@pytest.mark.parametrize("voxels", [None, (4.0, 4.0, 4.0), (1.0, 1.0, 1.0)])
def test_voxels_are_never_made_smaller(
    ball: SpatialMap, voxels: tuple[float, float, float] | None
) -> None:
    assert thinned(ball, voxels) is ball


def test_motion_blurs_and_ghosts(ball: SpatialMap) -> None:
    moved = with_motion(ball, 4.0, np.random.default_rng(0))
    error = np.abs(moved.values - ball.values)
    air = ball.values < 0.01
    assert 0.001 < error[air].mean() < 0.1
    np.testing.assert_allclose(centre(moved), centre(ball), atol=3)
    strong = with_motion(ball, 12.0, np.random.default_rng(0))
    assert np.abs(strong.values - ball.values).mean() > 1.3 * error.mean()


def test_no_turn_is_no_motion(ball: SpatialMap) -> None:
    still = with_motion(ball, 0.0, np.random.default_rng(0))
    np.testing.assert_allclose(still.values, ball.values, atol=1e-5)


def test_a_good_scan_has_nothing_to_tell(ball: SpatialMap) -> None:
    stored, truth = scan(ball, 1)
    assert truth == ScanTruth(0.0, 0.0, "none")
    assert stored.extent == ball.extent
    white = preset_settings("easy", participants=1).acquisition.white
    assert 0.6 * white < stored.values.max() < 2 * white


def test_what_happens_is_recorded(ball: SpatialMap) -> None:
    stored, truth = scan(ball, 1, motion_rate=1.0, crop=40.0)
    assert truth.motion_degrees > 0
    assert 0 < truth.crop_mm < 40
    assert stored.extent[2] == ball.extent[2] - int(truth.crop_mm / 4)


def test_the_rate_of_bad_scans_is_kept(ball: SpatialMap) -> None:
    small = thinned(ball, (16.0, 16.0, 16.0))
    faults = [scan(small, n, bad_rate=0.3)[1].fault for n in range(1, 301)]
    assert 60 < sum(f != "none" for f in faults) < 120
    assert set(faults) == {"none", *FAULTS}


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"truncated_file"}))
def test_a_fault_is_plain_to_see(ball: SpatialMap, fault: str) -> None:
    there = ball.values.ravel()
    bad = FAULTS[fault](ball, np.random.default_rng(1))
    turned = np.abs(bad.affine - ball.affine).max() > 1
    empty = not bad.values.any()
    assert turned or empty or np.corrcoef(bad.values.ravel(), there)[0, 1] < 0.97


def site_settings() -> SimulationSettings:
    return preset_settings("realistic", participants=1, seed=2)


def test_sites_differ_and_stay_as_they_are() -> None:
    settings = site_settings()
    names = settings.acquisition.sites
    scanners = [scanner_of(name, settings) for name in names]
    assert len({s.gamma_mean for s in scanners}) == len(names)
    assert len({s.noise for s in scanners}) == len(names)
    assert scanners[1] == scanner_of(names[1], settings)
    other = settings.model_copy(update={"seed": 3})
    assert scanner_of(names[1], other) != scanners[1]


def test_sites_of_the_easy_cohort_are_alike() -> None:
    settings = preset_settings("easy", participants=1)
    assert scanner_of("site1", settings) == scanner_of("site2", settings)
