"""What a level makes least: its parts, and that its gradient is its slope."""

import numpy as np
import pytest
import torch

from crosswarp.registration.settings import MapSettings
from crosswarp.registration.torch_map.energy import (
    Energy,
    Fixed,
    determinants,
)
from crosswarp.registration.torch_map.likelihood import WeightedFit
from crosswarp.registration.torch_map.prior import Noise

EXTENT, SPACING = (14, 15, 16), (4.0, 4.0, 4.0)
SETTINGS = MapSettings(device="cpu")


def smooth(rng: np.random.Generator) -> torch.Tensor:
    waves = rng.standard_normal((5, 5, 5)).astype(np.float32)
    zoomed = torch.nn.functional.interpolate(
        torch.from_numpy(waves)[None, None], EXTENT, mode="trilinear"
    )
    return zoomed[0, 0]


@pytest.fixture
def fixed(rng: np.random.Generator) -> torch.Tensor:
    return smooth(rng)


@pytest.fixture
def energy(fixed: torch.Tensor, rng: np.random.Generator) -> Energy:
    moving = fixed + 0.2 * smooth(rng)
    box = (slice(4, 9), slice(5, 11), slice(5, 10))
    template = Fixed(fixed, torch.ones(EXTENT), torch.ones(5, 6, 5), box)
    return Energy(template, moving, torch.eye(4), SPACING, SETTINGS)


def test_stretching_every_axis_by_a_tenth_changes_the_volume() -> None:
    axes = [torch.arange(n) * h for n, h in zip(EXTENT, SPACING, strict=True)]
    stretched = 0.1 * torch.stack(torch.meshgrid(*axes, indexing="ij"))
    found = determinants(stretched, torch.tensor(SPACING))
    torch.testing.assert_close(found, torch.full_like(found, 1.331))


def test_its_gradient_is_its_slope(energy: Energy, rng: np.random.Generator) -> None:
    noise, way = (random_noise(energy, rng) for _ in range(2))
    for part in noise:
        part.requires_grad_()
    gradients = torch.autograd.grad(energy(noise), list(noise))
    steps = (
        Noise(*(n + sign * 0.01 * w for n, w in zip(noise, way, strict=True)))
        for sign in (1, -1)
    )
    with torch.no_grad():
        ahead, behind = (float(energy(step)) for step in steps)
    along = sum(float((g * w).sum()) for g, w in zip(gradients, way, strict=True))
    assert (ahead - behind) / 0.02 == pytest.approx(along, rel=0.05)


def random_noise(energy: Energy, rng: np.random.Generator) -> Noise:
    return Noise(
        *(
            torch.from_numpy(rng.standard_normal(part.shape).astype(np.float32))
            for part in energy.prior.start()
        )
    )


def test_the_prior_is_centred_on_the_mean(
    fixed: torch.Tensor, rng: np.random.Generator
) -> None:
    """What the first stage found costs nothing; only what is added to it does."""
    mean = torch.stack([smooth(rng) for _ in range(3)])
    box = (slice(0, 4), slice(0, 4), slice(0, 4))
    template = Fixed(fixed, torch.zeros(EXTENT), torch.zeros(4, 4, 4), box)
    energy = Energy(template, fixed, torch.eye(4), SPACING, SETTINGS, mean)
    still = energy.prior.start()
    torch.testing.assert_close(energy.displacement(still), mean)
    assert float(energy(still)) == pytest.approx(0, abs=1e-3)
    assert float(energy(random_noise(energy, rng))) > 1


def test_a_fold_costs_more_than_any_fit(energy: Energy) -> None:
    still = energy.prior.start()
    folded = torch.zeros((3, *EXTENT))
    folded[0] = -1.2 * SPACING[0] * torch.arange(EXTENT[0])[:, None, None]
    noise = still._replace(everywhere=energy.prior.everywhere.noise(folded))
    assert float(energy(noise)) > float(energy(still)) + 1e5


def test_the_fit_knows_neither_brightness_nor_contrast(fixed: torch.Tensor) -> None:
    fit = WeightedFit(fixed, torch.ones(EXTENT), SPACING, SETTINGS)
    # The noise does not shrink with the contrast, so that it counts a little.
    alike, brighter = float(fit(fixed)), float(fit(1.2 * fixed + 3.0))
    assert brighter == pytest.approx(alike, rel=0.05)


def test_what_is_not_weighed_does_not_count(
    fixed: torch.Tensor, rng: np.random.Generator
) -> None:
    half = torch.ones(EXTENT)
    half[7:] = 0
    fit = WeightedFit(fixed, half, SPACING, SETTINGS)
    other = fixed.clone()
    other[7:] = smooth(rng)[7:]
    assert float(fit(other)) == float(fit(fixed))


def test_agreement_counts_more_the_better_it_is(
    fixed: torch.Tensor, rng: np.random.Generator
) -> None:
    fit = WeightedFit(fixed, torch.ones(EXTENT), SPACING, SETTINGS)
    unlike = smooth(rng)
    costs = [float(fit(fixed + share * unlike)) for share in (0.0, 0.3, 3.0, 3.3)]
    assert costs == sorted(costs)
    assert costs[1] - costs[0] > 3 * (costs[3] - costs[2])
