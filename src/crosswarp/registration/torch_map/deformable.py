"""The dense part: the most probable displacement, from coarse to fine."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import torch

from crosswarp.registration.box import Box
from crosswarp.registration.settings import MapSettings
from crosswarp.registration.torch_lncc.pyramid import rethinned, thinned
from crosswarp.registration.torch_map.energy import Energy, Fixed
from crosswarp.registration.torch_map.prior import Noise
from crosswarp.types.tensors import (
    Displacement,
    Homogeneous,
    Image,
    OtherDisplacement,
    OtherImage,
)

FINER: Final = 2
"""The participant stays this much finer than the template: linear interpolation blurs
by where a voxel falls, and that would look like a displacement."""


@dataclass(frozen=True)
class Grids:
    """How finely the two images are sampled.

    Attributes:
        spacing: Of the template's voxels along each axis, in mm.
        ratio: The template's spacing over the participant's.
    """

    spacing: tuple[float, float, float]
    ratio: float


def deform(
    template: Fixed,
    participant: OtherImage,
    to_participant: Homogeneous,
    grids: Grids,
    settings: MapSettings,
    mean: Displacement | None = None,
) -> Displacement:
    """Find the displacement that brings a participant onto a template.

    Of all displacements the one is sought whose smoothness and whose agreement with
    both images together are most probable, by L-BFGS, first at a coarse spacing.

    Args:
        template: At its own spacing.
        participant: Moving image, standardised.
        to_participant: Voxels of the template to voxels of the participant: the
            affine part, of 32-bit floats.
        grids: How finely both are sampled.
        settings: Settings of the schedule.
        mean: Displacement that is thought most probable before the images are seen,
            in mm along the axes of the template's grid; none for no displacement.

    Returns:
        In mm, along the axes of the template's grid.
    """
    found: tuple[Energy, Noise] | None = None
    levels = len(settings.deformable_iterations)
    for level, rounds in enumerate(settings.deformable_iterations):
        factor = 2 ** (levels - 1 - level)
        fixed = _coarser(template, factor)
        moving, kept = rethinned(participant, factor * grids.ratio, FINER)
        scaled = to_participant.clone()
        scaled[:3, :3] *= factor
        scaled[:3] /= kept
        a, b, c = (factor * h for h in grids.spacing)
        energy = Energy(
            fixed, moving, scaled, (a, b, c), settings, _coarser_mean(mean, factor)
        )
        start = energy.prior.start()
        if found is not None:
            coarser, noise = found
            start = coarser.prior.continued(noise, energy.prior)
        found = energy, _least(energy, start, rounds)
    assert found is not None
    energy, noise = found
    return energy.displacement(noise)


def _coarser_mean(mean: Displacement | None, factor: int) -> OtherDisplacement | None:
    if mean is None:
        return None
    coarser: OtherDisplacement = torch.stack([thinned(part, factor) for part in mean])
    return coarser


def _coarser(template: Fixed, factor: int) -> Fixed:
    i, j, k = (slice(s.start // factor, -(-s.stop // factor)) for s in template.box)
    return Fixed(
        thinned(template.image, factor),
        thinned(template.weight, factor),
        thinned(template.softness, factor),
        (i, j, k),
    )


def box_of_softness(softness: Image, levels: int) -> Box:
    """Find the voxels where the prior may be softer, on a grid that is halved.

    Args:
        softness: On the finest grid.
        levels: How many grids there are. The box begins at a voxel of the coarsest.

    Returns:
        A box with something in it even where the prior is soft nowhere.
    """
    step = 2 ** (levels - 1)
    slices = []
    for axis, extent in enumerate(softness.shape):
        others = tuple(a for a in range(3) if a != axis)
        inside = torch.nonzero((softness > 0).sum(dim=others)).flatten()
        first, last = (int(inside[0]), int(inside[-1])) if len(inside) else (0, 0)
        start = first // step * step
        # Cosine waves of a grid need some voxels.
        slices.append(slice(start, min(max(last + 1, start + 4 * step), extent)))
    return (slices[0], slices[1], slices[2])


def least(
    energy: Callable[[list[torch.Tensor]], torch.Tensor],
    start: Iterable[torch.Tensor],
    rounds: int,
) -> list[torch.Tensor]:
    """Go downhill by L-BFGS.

    Args:
        energy: What is made least; can be differentiated.
        start: Where the search begins, one tensor for each part.
        rounds: Most iterations of the search.

    Returns:
        Each part where the energy was least.
    """
    parts = [part.clone().requires_grad_() for part in start]
    search = torch.optim.LBFGS(
        parts,
        max_iter=rounds,
        max_eval=rounds * 5 // 4 + 8,
        history_size=8,
        tolerance_grad=0.0,
        tolerance_change=0.0,
        line_search_fn="strong_wolfe",
    )

    def value() -> torch.Tensor:
        search.zero_grad()
        now = energy(parts)
        now.backward()  # type: ignore[no-untyped-call]
        return now

    search.step(value)  # type: ignore[no-untyped-call]
    return [part.detach() for part in parts]


def _least(energy: Energy, start: Noise, rounds: int) -> Noise:
    return Noise(*least(lambda parts: energy(Noise(*parts)), start, rounds))
