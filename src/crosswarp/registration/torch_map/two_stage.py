"""Two stages: large smooth differences first, then the most probable rest."""

import math
from dataclasses import dataclass
from typing import Final

import torch

from crosswarp.registration.result import Registration
from crosswarp.registration.settings import TwoStageSettings
from crosswarp.registration.torch_lncc import deformable as composed
from crosswarp.registration.torch_lncc.pyramid import extent_of, smoothed, thinned
from crosswarp.registration.torch_lncc.separable import doubling
from crosswarp.registration.torch_map.backend import Prepared, prepare
from crosswarp.registration.torch_map.deformable import box_of_softness, deform
from crosswarp.registration.torch_map.energy import Fixed
from crosswarp.types.arrays import SpatialMap
from crosswarp.types.tensors import Displacement

SPACING: Final = 4.0
"""Millimetres between the voxels of the first stage's finest level: what it finds is
smooth over centimetres, and at 2 mm it would take eight times as long. Of a template
that is coarse itself, twice its spacing."""


@dataclass(frozen=True)
class TwoStage:
    """Affine, small composed steps, then maximum a posteriori around them.

    A prior on the whole displacement punishes what people differ in most, large smooth
    differences, and so finds less of everything. Here it is centred on what small
    smooth composed steps have found, and is the same everywhere: no structure is
    favoured. Nothing is drawn at random: on a CPU, with the same number of threads,
    equal input gives the same bytes.

    Attributes:
        settings: The schedule, and the device.
    """

    settings: TwoStageSettings

    def register(self, template: SpatialMap, participant: SpatialMap) -> Registration:
        """Register, as `RegistrationBackend` says.

        Raises:
            InputError: If the settings ask for a GPU and there is none.
        """
        settings = self.settings
        pair = prepare(template, participant, settings)
        nowhere = torch.zeros_like(pair.weight)
        box = box_of_softness(nowhere, len(settings.second_iterations))
        parts = Fixed(pair.fixed, pair.weight, nowhere[box].contiguous(), box)
        return pair.result(
            deform(
                parts,
                pair.moving,
                pair.to_moving,
                pair.grids,
                settings.second,
                _first(pair, settings),
            )
        )


def _first(pair: Prepared, settings: TwoStageSettings) -> Displacement:
    """Find the large differences; in mm along the box's axes."""
    # A power of 2: what is found is continued on grids of half the spacing.
    halvings = round(math.log2(SPACING / min(pair.grids.spacing)))
    factor = 2 ** max(1, halvings)
    fixed = thinned(pair.fixed, factor)
    to_moving = pair.to_coarse.clone()
    to_moving[:3, :3] *= factor
    moving = smoothed(pair.coarse, factor)
    voxels = composed.deform(fixed, moving, to_moving, settings.first)
    spacing = voxels.new_tensor(pair.grids.spacing)
    millimetres = factor * voxels * spacing[:, None, None, None]
    while extent_of(millimetres[0]) != extent_of(pair.fixed):
        factor //= 2
        extent = extent_of(thinned(pair.fixed, factor))
        finer = doubling(extent_of(millimetres[0]), extent, millimetres.device)
        millimetres = finer(millimetres)
    found: Displacement = millimetres
    return found
