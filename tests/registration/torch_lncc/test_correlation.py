"""The measures: what they are of alike, of unlike and of empty images."""

import numpy as np
import pytest
import torch

from crosswarp.registration.torch_lncc.correlation import (
    LocalCorrelation,
    correlation,
)


@pytest.fixture
def noise(rng: np.random.Generator) -> torch.Tensor:
    return torch.from_numpy(rng.standard_normal((14, 15, 16)).astype(np.float32))


@pytest.mark.parametrize("brightness", [(1.0, 0.0), (3.0, 2.0), (-1.0, 0.5)])
def test_brightness_and_contrast_do_not_matter(
    noise: torch.Tensor, brightness: tuple[float, float]
) -> None:
    contrast, level = brightness
    value = LocalCorrelation(noise, 2)(contrast * noise + level)
    assert float(value) == pytest.approx(1, abs=1e-3)
    whole = correlation(noise, contrast * noise + level)
    assert float(whole) == pytest.approx(np.sign(contrast), abs=1e-5)


def test_it_is_the_squared_correlation_of_each_cube(
    noise: torch.Tensor, rng: np.random.Generator
) -> None:
    other = torch.from_numpy(rng.standard_normal(noise.shape).astype(np.float32))
    # With so wide a cube every voxel sees the whole grid.
    value = float(LocalCorrelation(noise, 16)(other))
    r = np.corrcoef(noise.numpy().ravel(), other.numpy().ravel())[0, 1]
    assert value == pytest.approx(r**2, rel=1e-2)
    assert float(correlation(noise, other)) == pytest.approx(r, rel=1e-3)


def test_flat_images_agree_on_nothing(noise: torch.Tensor) -> None:
    flat = torch.zeros_like(noise)
    assert float(LocalCorrelation(noise, 2)(flat)) == 0
    assert float(LocalCorrelation(flat, 2)(noise)) == 0
    assert float(correlation(flat, noise)) == 0


def test_its_gradient_is_its_slope(noise: torch.Tensor) -> None:
    measure = LocalCorrelation(noise.double().float(), 2)
    warped = (noise + 0.5 * noise.roll(1, 0)).requires_grad_()
    (gradient,) = torch.autograd.grad(measure(warped), warped)
    direction = noise.roll(2, 1)
    ahead, behind = (measure(warped.detach() + s * direction) for s in (0.02, -0.02))
    slope = float(ahead - behind) / 0.04
    assert slope == pytest.approx(float((gradient * direction).sum()), rel=2e-2)
