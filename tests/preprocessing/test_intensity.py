"""scale_intensity: the brain spans [0, 1], and nothing else is left."""

import numpy as np

from crosswarp.preprocessing.intensity import scale_intensity


def test_the_brain_spans_zero_to_one(rng: np.random.Generator) -> None:
    values = rng.normal(500, 100, (12, 13, 14)).astype(np.float32)
    brain = np.zeros(values.shape, bool)
    brain[2:10, 2:10, 2:10] = True
    scaled = scale_intensity(values, brain)
    assert scaled.dtype == np.float32
    assert scaled[brain].min() == 0
    assert scaled[brain].max() == 1
    assert not scaled[~brain].any()


def test_the_scanners_scale_does_not_matter(rng: np.random.Generator) -> None:
    values = rng.normal(500, 100, (12, 13, 14))
    brain = np.ones(values.shape, bool)
    once = scale_intensity(values, brain)
    np.testing.assert_allclose(scale_intensity(7 * values + 90, brain), once, atol=1e-6)


def test_one_bright_voxel_does_not_darken_the_rest(rng: np.random.Generator) -> None:
    values = rng.normal(500, 100, (12, 13, 14))
    brain = np.ones(values.shape, bool)
    spiked = values.copy()
    spiked[3, 3, 3] = 1e6
    difference = scale_intensity(spiked, brain) - scale_intensity(values, brain)
    assert np.abs(difference).mean() < 0.01


def test_a_constant_brain_is_not_a_division_by_zero() -> None:
    values = np.full((4, 5, 6), 3.0)
    assert not scale_intensity(values, np.ones(values.shape, bool)).any()
