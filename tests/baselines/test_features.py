"""Features: brain voxels in blocks, and volumes whose true size is known."""

import numpy as np
import pytest

from crosswarp.baselines.features import (
    regional_means,
    regional_volumes,
    voxel_blocks,
)
from crosswarp.errors import ShapeError

EXTENT = (4, 5, 6)


def test_every_brain_voxel_comes_once(rng) -> None:
    maps = [rng.normal(size=(3, *EXTENT)).astype(np.float16) for _ in range(2)]
    brain = rng.random(EXTENT) < 0.4
    together = np.concatenate(list(voxel_blocks(maps, brain, voxels=7)), axis=1)
    expected = np.concatenate([stored[:, brain] for stored in maps], axis=1)
    np.testing.assert_array_equal(together, expected.astype(np.float64))


def test_an_empty_mask() -> None:
    stored = np.zeros((2, *EXTENT), np.float16)
    with pytest.raises(ShapeError, match="mask is empty"):
        list(voxel_blocks([stored], np.zeros(EXTENT, bool)))


def test_what_is_not_on_the_grid_is_refused_by_the_types() -> None:
    jsm = np.zeros((2, *EXTENT), np.float32)
    with pytest.raises(TypeError, match="brain"):
        voxel_blocks([jsm], np.ones((4, 5, 5), bool))
    with pytest.raises(TypeError, match="labels"):
        regional_volumes(jsm, np.ones((4, 5, 5), int), [[1]])


def test_a_region_that_lost_a_fifth_has_the_logarithm_of_four_fifths() -> None:
    """Half of its voxels unchanged and half at 0.6 of their volume: 0.8 together."""
    labels = np.zeros(EXTENT, int)
    labels[:2], labels[2] = 1, 5
    jsm = np.zeros((2, *EXTENT), np.float32)
    jsm[1, 0] = np.log(0.6)
    volumes = regional_volumes(jsm, labels, [[1], [5], [9]])
    assert volumes.shape == (2, 2), "region 9 has no voxel"
    np.testing.assert_allclose(volumes, [[0, 0], [np.log(0.8), 0]], atol=1e-7)


def test_an_atlas_without_the_regions() -> None:
    jsm = np.zeros((2, *EXTENT), np.float32)
    with pytest.raises(ShapeError, match="none of the 2 regions"):
        regional_volumes(jsm, np.zeros(EXTENT, int), [[1], [2]])


def test_several_labels_are_one_volume() -> None:
    """Both sides together: the mean of their Jacobians, each as large as it is."""
    labels = np.zeros(EXTENT, int)
    labels[0], labels[1:3] = 1, 2
    jsm = np.zeros((1, *EXTENT), np.float32)
    jsm[0, 0], jsm[0, 1:3] = np.log(0.7), np.log(1.3)
    volumes = regional_volumes(jsm, labels, [[1, 2], [2]])
    expected = [[np.log((0.7 + 2 * 1.3) / 3), np.log(1.3)]]
    np.testing.assert_allclose(volumes, expected, atol=1e-6)


def test_a_region_is_as_bright_as_the_mean_of_its_voxels() -> None:
    labels = np.zeros(EXTENT, int)
    labels[0], labels[1:3] = 1, 2
    t1w = np.zeros((2, *EXTENT), np.float16)
    t1w[0, 0], t1w[1, 1] = 0.75, 0.5
    means = regional_means(t1w, labels, [[1], [9], [2], [1, 2]])
    np.testing.assert_allclose(means, [[0.75, 0, 0.25], [0, 0.25, 0.5 / 3]])
    with pytest.raises(ShapeError, match="none of the 1 regions"):
        regional_means(t1w, labels, [[9]])
