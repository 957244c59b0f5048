"""Smooth displacements: what they cost, and that they stay what they are."""

import numpy as np
import pytest
import torch

from crosswarp.registration.box import Box
from crosswarp.registration.torch_map.prior import (
    Noise,
    Prior,
    SmoothnessPrior,
    cosines,
)

EXTENT, SPACING = (9, 10, 11), (2.0, 2.0, 2.0)


@pytest.fixture
def prior() -> SmoothnessPrior:
    return SmoothnessPrior(EXTENT, SPACING, (0.01, 20.0), torch.device("cpu"))


@pytest.fixture
def noise(rng: np.random.Generator) -> torch.Tensor:
    values = rng.standard_normal((3, *EXTENT)).astype(np.float32)
    return torch.from_numpy(values)


def test_waves_are_orthonormal() -> None:
    waves = cosines(12, torch.arange(12))
    torch.testing.assert_close(waves.T @ waves, torch.eye(12, dtype=torch.float64))


def test_a_displacement_gives_its_noise_back(
    prior: SmoothnessPrior, noise: torch.Tensor
) -> None:
    back = prior.noise(prior.displacement(noise))
    torch.testing.assert_close(back, noise, atol=1e-3, rtol=1e-3)


def test_half_the_squared_noise_is_the_cost_of_moving(prior: SmoothnessPrior) -> None:
    # One millimetre everywhere bends nothing: stiffness a mm^2 a mm^3 remains.
    shifted = torch.zeros((3, *EXTENT))
    shifted[1] = 1.0
    volume = np.prod(EXTENT) * np.prod(SPACING)
    cost = 0.5 * float(prior.noise(shifted).square().sum())
    assert cost == pytest.approx(0.5 * 0.01 * volume, rel=1e-4)


def test_bending_costs_with_the_fourth_power_of_the_frequency() -> None:
    prior = SmoothnessPrior((64, 4, 4), SPACING, (1e-9, 1.0), torch.device("cpu"))
    costs = []
    for waves in (4, 8):
        wave = cosines(64, torch.arange(64))[:, waves].float()
        one = torch.zeros((3, 64, 4, 4))
        one[0] = wave[:, None, None]
        costs.append(float(prior.noise(one).square().sum()))
    assert costs[1] / costs[0] == pytest.approx(16, rel=0.1)


def test_doubling_keeps_what_lies_on_both_grids(
    prior: SmoothnessPrior, noise: torch.Tensor
) -> None:
    coarse = prior.displacement(noise)
    fine = prior.doubled(coarse, (17, 19, 22))
    assert fine.shape == (3, 17, 19, 22)
    torch.testing.assert_close(fine[:, ::2, ::2, ::2], coarse, atol=1e-5, rtol=1e-4)


BOX = (slice(2, 7), slice(3, 8), slice(2, 8))
FINE, FINE_BOX = (17, 19, 22), (slice(4, 14), slice(6, 16), slice(4, 16))


def both(extent: tuple[int, int, int], box: Box, softness: torch.Tensor) -> Prior:
    i, j, k = softness.shape
    cpu = torch.device("cpu")
    return Prior(
        SmoothnessPrior(extent, SPACING, (0.01, 20.0), cpu),
        SmoothnessPrior((i, j, k), SPACING, (0.01, 1.0), cpu),
        softness,
        box,
    )


def random_noise(prior: Prior, rng: np.random.Generator) -> Noise:
    return Noise(
        *(
            torch.from_numpy(rng.standard_normal(part.shape).astype(np.float32))
            for part in prior.start()
        )
    )


def test_the_softer_part_counts_where_it_may(rng: np.random.Generator) -> None:
    softness = torch.zeros(5, 5, 6)
    softness[1:4, 1:4, 1:4] = 1
    prior = both(EXTENT, BOX, softness)
    noise = random_noise(prior, rng)
    stiff = prior.everywhere.displacement(noise.everywhere)
    added = prior.displacement(noise) - stiff
    soft = torch.zeros(EXTENT)
    soft[BOX] = softness
    assert bool((added[:, soft == 0] == 0).all())
    # A part that costs less moves further for as much noise.
    assert added[:, soft == 1].std() > 1.5 * stiff[:, soft == 1].std()


def test_nothing_moves_at_the_start() -> None:
    prior = both(EXTENT, BOX, torch.ones(5, 5, 6))
    assert float(prior.displacement(prior.start()).abs().max()) == 0


def test_both_parts_continue_on_a_finer_grid(rng: np.random.Generator) -> None:
    here = both(EXTENT, BOX, torch.ones(5, 5, 6))
    there = both(FINE, FINE_BOX, torch.ones(10, 10, 12))
    noise = random_noise(here, rng)
    continued = here.continued(noise, there)
    assert continued.softer.shape == (3, 10, 10, 12)
    torch.testing.assert_close(
        there.displacement(continued)[:, ::2, ::2, ::2],
        here.displacement(noise),
        atol=1e-3,
        rtol=1e-3,
    )
