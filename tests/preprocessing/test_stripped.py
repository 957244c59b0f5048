"""given_brain: the brain of a stripped scan, whatever was done to it afterwards."""

import numpy as np
import pytest
from scipy import ndimage

from crosswarp.preprocessing.stripped import given_brain, lifted
from crosswarp.readers.background import without_offset
from crosswarp.types.arrays import Mask, SpatialMap

EXTENT = (48, 52, 44)


@pytest.fixture
def brain() -> Mask:
    places = np.indices(EXTENT) - np.array(EXTENT).reshape(3, 1, 1, 1) / 2
    return (places**2).sum(axis=0) < 16**2


@pytest.fixture
def values(brain: Mask, rng: np.random.Generator) -> np.ndarray:
    """Tissue of 60 to 500 and a dark rim of 5, as fluid has, on 0."""
    inside = ndimage.gaussian_filter(rng.uniform(-1500, 2000, EXTENT), 1) + 250
    rim = brain & ~ndimage.binary_erosion(brain)
    tissue = np.where(rim, 5, np.clip(inside, 60, 500))
    return np.where(brain, tissue, 0).astype(np.float32)


def scan_of(values: np.ndarray) -> SpatialMap:
    return SpatialMap(values.astype(np.float32), np.eye(4))


def dice(first: Mask, second: Mask) -> float:
    return float(2 * (first & second).sum() / (first.sum() + second.sum()))


@pytest.mark.parametrize("background", [0.0, -1024.0, 12.0, -0.5])
def test_a_clean_background_may_be_any_value(
    values: np.ndarray, brain: Mask, background: float
) -> None:
    np.testing.assert_array_equal(given_brain(scan_of(values + background)), brain)


def test_z_scores_of_the_brain_alone_lie_on_both_sides_of_the_background(
    values: np.ndarray, brain: Mask
) -> None:
    scores = (values - values[brain].mean()) / values[brain].std()
    scan = scan_of(np.where(brain, scores, 0))
    np.testing.assert_array_equal(given_brain(scan), brain)
    bright = lifted(scan, brain)
    assert np.percentile(bright.values[brain], 0.5) > 0
    assert not bright.values[~brain].any()
    assert np.corrcoef(bright.values[brain], values[brain])[0, 1] > 0.999999


def test_z_scores_of_the_whole_image(values: np.ndarray, brain: Mask) -> None:
    scan = without_offset(scan_of((values - values.mean()) / values.std()))
    assert dice(given_brain(scan), brain) > 0.999
    assert lifted(scan, brain) is scan


def test_ringing_around_a_brain_is_none_of_it(values: np.ndarray, brain: Mask) -> None:
    bright = np.where(values == 5, 200, values)
    moved = ndimage.affine_transform(bright, np.eye(3), offset=[0.37, 0.41, 0.29])
    assert moved.min() < -20
    there = ndimage.affine_transform(
        brain.astype(np.float32), np.eye(3), offset=[0.37, 0.41, 0.29], order=1
    )
    assert dice(given_brain(scan_of(moved)), there > 0.5) > 0.97


@pytest.mark.parametrize("width", [1e-4, 1.0, 8.0])
def test_noise_around_a_brain_is_none_of_it(
    values: np.ndarray, brain: Mask, width: float, rng: np.random.Generator
) -> None:
    bright = np.where(values == 5, 60, values)
    noisy = np.where(brain, bright, rng.normal(0, width, EXTENT))
    assert dice(given_brain(scan_of(noisy)), brain) > 0.999
    magnitude = np.where(brain, bright, np.abs(noisy))
    assert dice(given_brain(scan_of(magnitude)), brain) > 0.999


def test_specks_around_a_brain_are_none_of_it(
    values: np.ndarray, brain: Mask, rng: np.random.Generator
) -> None:
    specks = rng.random(EXTENT) < 0.05
    found = given_brain(scan_of(np.where(brain, values, np.where(specks, 9, 0))))
    assert dice(found, brain) > 0.99
    # A few voxels beside it are as likely to be brain.
    values[2, 2, 2] = 9
    assert given_brain(scan_of(values))[2, 2, 2]


def test_a_brain_cut_close_is_not_taken_for_noise(
    values: np.ndarray, brain: Mask
) -> None:
    close = (slice(9, -9), slice(11, -11), slice(7, -7))
    np.testing.assert_array_equal(given_brain(scan_of(values[close])), brain[close])


def test_an_ordinary_brain_is_not_lifted(values: np.ndarray, brain: Mask) -> None:
    scan = scan_of(values)
    assert lifted(scan, brain) is scan
