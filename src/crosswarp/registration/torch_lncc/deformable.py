"""The dense part: many small smooth steps, composed."""

import torch

from crosswarp.registration.settings import TorchSettings
from crosswarp.registration.torch_lncc.correlation import LocalCorrelation
from crosswarp.registration.torch_lncc.pyramid import (
    extent_of,
    smoothed,
    thinned,
)
from crosswarp.registration.torch_lncc.sampling import (
    moved_places,
    sample,
    voxel_places,
)
from crosswarp.registration.torch_lncc.separable import doubling, gaussian
from crosswarp.types.tensors import Displacement, Homogeneous, Image, OtherImage


def deform(
    template: Image,
    participant: OtherImage,
    to_participant: Homogeneous,
    settings: TorchSettings,
) -> Displacement:
    """Find the displacement that brings a participant onto a template.

    Each step follows the gradient of the local correlation, smoothed; it is no longer
    than a part of a voxel, so that it folds nothing, and is composed with the steps
    before it. The whole is smoothed a little after each step.

    Args:
        template: Fixed image, standardised.
        participant: Moving image, standardised.
        to_participant: Voxels of the template to voxels of the participant: the
            affine part, of 32-bit floats.
        settings: Settings of the schedule.

    Returns:
        In voxels, along the axes of the template's grid.

    References:
        Christensen et al. (1996), Deformable templates using large deformation
        kinematics. IEEE Transactions on Image Processing 5(10), 1435-1447.
        Vercauteren et al. (2009), Diffeomorphic demons. NeuroImage 45(1), S61-S72.
    """
    displacement: Displacement | None = None
    levels = len(settings.deformable_iterations)
    for level, rounds in enumerate(settings.deformable_iterations):
        factor = 2 ** (levels - 1 - level)
        fixed = thinned(template, factor)
        extent = extent_of(fixed)
        if displacement is None:
            displacement = fixed.new_zeros((3, *extent))
        else:
            finer = doubling(extent_of(displacement[0]), extent, fixed.device)
            displacement = 2 * finer(displacement)
        scaled = to_participant.clone()
        scaled[:3, :3] *= factor
        steps = _Steps(fixed, smoothed(participant, factor), scaled, settings)
        for _ in range(rounds):
            displacement = steps.advance(displacement)
    assert displacement is not None
    return displacement


class _Steps:
    """What one level needs for its steps."""

    def __init__(
        self,
        fixed: Image,
        moving: OtherImage,
        to_moving: Homogeneous,
        settings: TorchSettings,
    ) -> None:
        extent = extent_of(fixed)
        update, total = settings.smoothing
        self._correlation = LocalCorrelation(fixed, settings.metric_radius)
        self._smooth_update = gaussian(extent, update, fixed.device)
        self._smooth_total = gaussian(extent, total, fixed.device)
        self._places = voxel_places(extent, fixed.device)
        self._moving, self._to_moving = moving[None], to_moving
        self._length = settings.step

    def advance(self, displacement: Displacement) -> Displacement:
        """Take one step."""
        step = self._smooth_update(self._uphill(displacement))
        longest = step.square().sum(dim=0).max().sqrt()
        step = step * (self._length / longest.clamp(min=1e-12))
        composed = step + sample(displacement, self._places + step, outside="border")
        smooth: Displacement = self._smooth_total(composed)
        return smooth

    def _uphill(self, displacement: Displacement) -> Displacement:
        """Gradient of the correlation by a step that is taken first, then the rest."""
        there = moved_places(self._places + displacement, self._to_moving)
        warped = sample(self._moving, there, outside="zeros")[0].requires_grad_()
        (brighter,) = torch.autograd.grad(self._correlation(warped), warped)
        slopes = torch.stack(torch.gradient(warped.detach()))
        uphill: Displacement = brighter * slopes
        return uphill
