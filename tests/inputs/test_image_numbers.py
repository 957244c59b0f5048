"""image_numbers: what a person would call noise, contrast and a missing part."""

import numpy as np
import pytest
from scipy import ndimage

from crosswarp.inputs.image_numbers import NAMES, image_numbers


@pytest.fixture
def brain(rng: np.random.Generator) -> np.ndarray:
    """Three tissues in a ball, smooth, with air around it."""
    away = np.linalg.norm(np.indices((30, 30, 30)) - 14.5, axis=0)
    tissue = np.digitize(ndimage.gaussian_filter(rng.normal(size=away.shape), 3), [0])
    values = ndimage.gaussian_filter(0.45 + 0.35 * tissue, 0.7)
    return np.where(away < 12, values, 0.0)


def test_noise_is_rough_and_nothing_else_moves_much(
    brain: np.ndarray, rng: np.random.Generator
) -> None:
    noisy = np.where(brain > 0, brain + rng.normal(0, 0.05, brain.shape), 0)
    plain, rough = image_numbers(brain), image_numbers(noisy)
    assert set(plain) == set(NAMES)
    assert rough["roughness"] > 2 * plain["roughness"]
    assert rough["middle"] == pytest.approx(plain["middle"], abs=0.1)


def test_another_contrast_and_a_cut_head_show(brain: np.ndarray) -> None:
    turned = np.where(brain > 0, 1.3 - brain, 0)
    cut = brain.copy()
    cut[:, :, :12] = 0
    plain = image_numbers(brain)
    assert image_numbers(turned)["darkest"] != pytest.approx(plain["darkest"], abs=0.02)
    assert image_numbers(cut)["filled"] < 0.85 * plain["filled"]


def test_an_image_without_a_brain_or_contrast_has_no_numbers() -> None:
    assert image_numbers(np.zeros((5, 5, 5))) == {}
    assert image_numbers(np.ones((5, 5, 5))) == {}
