"""The change between two scans that lie halfway: one displacement, half for each."""

import numpy as np
import torch

from crosswarp.longitudinal.pairs import Grid, Halves, Sampled
from crosswarp.longitudinal.settings import LongitudinalSettings
from crosswarp.registration.torch_map.deformable import least
from crosswarp.registration.torch_map.energy import (
    LEAST_DETERMINANT,
    WALL,
    determinants,
)
from crosswarp.registration.torch_map.prior import SmoothnessPrior
from crosswarp.types.arrays import Affine, VectorField
from crosswarp.types.tensors import Displacement, Homogeneous, Value


def displacement_between(
    scans: tuple[Sampled, Sampled],
    to_scans: tuple[Affine, Affine],
    grid: Grid,
    settings: LongitudinalSettings,
) -> VectorField:
    """Find the displacement from the first scan to the second, in their midspace.

    A point m lies in the first scan where ``m - w(m)/2`` is, in the second where
    ``m + w(m)/2`` is. Of all w the one is sought whose smoothness, and whose agreement
    with both scans, are most probable; neither scan is the template of the other.

    Args:
        scans: First and second scan.
        to_scans: Midspace mm to the mm of each.
        grid: Grid of the midspace.
        settings: Settings with all choices.

    Returns:
        w, in mm of the midspace, on the grid.

    References:
        Osher et al. (2005), An iterative regularization method for total
        variation-based image restoration. Multiscale Modeling & Simulation 4(2),
        460-489. The prior is centred anew on what was found.
    """
    halves = torch.from_numpy(to_scans[0]), torch.from_numpy(to_scans[1])
    found: tuple[SmoothnessPrior, Displacement] | None = None
    levels = len(settings.iterations)
    for level, rounds in enumerate(settings.iterations):
        coarse = grid.coarser(2 ** (levels - 1 - level))
        energy = Energy(Halves(scans, coarse, settings), halves, coarse, settings)
        if found is None:
            start = torch.zeros((3, *coarse.extent))
        else:
            before, noise = found
            finer = before.doubled(before.displacement(noise), coarse.extent)
            start = energy.prior.noise(finer)
        found = energy.prior, _least(energy, start, rounds)
        if level == levels - 1:
            for _ in range(settings.passes - 1):
                energy.centre = found[1]
                found = energy.prior, _least(energy, found[1], rounds)
    assert found is not None
    prior, noise = found
    field: VectorField = np.ascontiguousarray(
        prior.displacement(noise).movedim(0, -1).numpy()
    )
    return field


class Energy:
    """Misfit of both halves, and cost of bending.

    Args:
        pair: Both scans on the grid.
        to_scans: Midspace mm to the mm of each scan.
        grid: Grid of one spacing.
        settings: Settings with the weights.

    Attributes:
        centre: White noise that the prior is centred on; None for no change.
    """

    def __init__(
        self,
        pair: Halves,
        to_scans: tuple[Homogeneous, Homogeneous],
        grid: Grid,
        settings: LongitudinalSettings,
    ) -> None:
        step = grid.spacing
        self.prior = SmoothnessPrior(
            grid.extent, (step, step, step), settings.stiffness, grid.weight.device
        )
        self._pair, self._to_scans, self._settings = pair, to_scans, settings
        self._spacing = torch.tensor([step] * 3)
        self._cell = step**3
        self.centre: Displacement | None = None

    def __call__(self, noise: Displacement) -> Value:
        """Negative logarithm of the posterior probability, up to a constant."""
        settings = self._settings
        half = self.prior.displacement(noise) / 2
        voxels = half / self._spacing[0]
        fit = self._pair.misfit(self._to_scans, (-voxels, voxels))
        before, after = (determinants(h, self._spacing) for h in (-half, half))
        wall = sum(
            (LEAST_DETERMINANT - d).clamp(min=0).square().sum() for d in (before, after)
        )
        total: Value = (
            settings.trust * self._cell * fit
            + self._cell * WALL * wall
            + 0.5
            * (noise if self.centre is None else noise - self.centre).square().sum()
        )
        return total


def _least(energy: Energy, start: Displacement, rounds: int) -> Displacement:
    (found,) = least(lambda parts: energy(*parts), [start], rounds)
    return found
