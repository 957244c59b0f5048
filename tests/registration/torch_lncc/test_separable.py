"""Separable maps agree with SciPy's filters, which work by convolution."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from crosswarp.registration.torch_lncc.separable import (
    box,
    doubling,
    gaussian,
    windows,
)

CPU = torch.device("cpu")
EXTENT = (21, 24, 19)


@pytest.fixture
def noise(rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal(EXTENT).astype(np.float32)


def test_a_gaussian_is_scipys_away_from_the_edges(noise: np.ndarray) -> None:
    ours = gaussian(EXTENT, 1.0, CPU)(torch.from_numpy(noise)).numpy()
    theirs = ndimage.gaussian_filter(noise, 1.0, truncate=7)
    inner = (slice(7, -7),) * 3
    np.testing.assert_allclose(ours[inner], theirs[inner], atol=1e-5)


def test_a_box_is_the_mean_of_a_cube(noise: np.ndarray) -> None:
    ours = box(EXTENT, 2, CPU)(torch.from_numpy(noise)).numpy()
    theirs = ndimage.uniform_filter(noise, 5)
    inner = (slice(2, -2),) * 3
    np.testing.assert_allclose(ours[inner], theirs[inner], atol=1e-5)
    assert ours[0, 0, 0] == pytest.approx(noise[:3, :3, :3].mean(), abs=1e-5)


@pytest.mark.parametrize(
    "smooth", [gaussian(EXTENT, 2.5, CPU), box(EXTENT, 3, CPU)], ids=["gaussian", "box"]
)
def test_a_constant_stays_up_to_the_edge(smooth) -> None:
    same = smooth(torch.full(EXTENT, 3.0))
    np.testing.assert_allclose(same.numpy(), 3.0, atol=1e-5)


def test_no_width_changes_nothing(noise: np.ndarray) -> None:
    same = gaussian(EXTENT, 0.0, CPU)(torch.from_numpy(noise))
    np.testing.assert_array_equal(same.numpy(), noise)


def test_several_volumes_are_several_times_one(noise: np.ndarray) -> None:
    smooth = gaussian(EXTENT, 1.5, CPU)
    one = torch.from_numpy(noise)
    both = smooth(torch.stack([one, 2 * one]))
    np.testing.assert_allclose(both[0].numpy(), smooth(one).numpy(), atol=1e-6)
    np.testing.assert_allclose(both[1].numpy(), 2 * both[0].numpy(), atol=1e-5)


def test_doubling_keeps_a_slope_and_the_first_voxel() -> None:
    coarse, fine = (5, 6, 7), (10, 11, 13)
    i, j, k = np.indices(coarse, dtype=np.float32)
    ramp = torch.from_numpy(i + 10 * j + 100 * k)
    finer = doubling(coarse, fine, CPU)(ramp).numpy()
    i, j, k = np.indices(fine) / 2
    # Of ten voxels the last lies half a coarse one beyond the last: kept as it is.
    np.testing.assert_allclose(finer, np.minimum(i, 4) + 10 * j + 100 * k, rtol=1e-5)


@pytest.mark.parametrize(
    "made",
    [gaussian(EXTENT, 1.5, CPU), windows(EXTENT, [1.5, 1.2, 0.9], CPU)],
    ids=["gaussian", "windows"],
)
def test_no_entry_is_subnormal_and_none_that_counts_is_lost(made) -> None:
    """Products with subnormal numbers are a hundred times slower."""
    least = torch.finfo(torch.float32).tiny
    for matrix in (made.i, made.j, made.k):
        assert not ((matrix > 0) & (matrix < least)).any()
        assert ((matrix > 0).sum(dim=1) >= 6).all()
        assert matrix[0, -1] == 0
