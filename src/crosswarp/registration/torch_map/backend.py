"""Registration in PyTorch, as one back end."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from scipy import ndimage

from crosswarp.registration.box import (
    Box,
    box_of_brain,
    cropped,
    padded,
)
from crosswarp.registration.result import Registration
from crosswarp.registration.settings import MapSettings, TwoStageSettings
from crosswarp.registration.torch_lncc.affine import AffineSearch
from crosswarp.registration.torch_lncc.backend import (
    device_for,
    matrix,
    standardised_on,
)
from crosswarp.registration.torch_lncc.pyramid import (
    rethinned,
)
from crosswarp.registration.torch_map.deformable import (
    Grids,
    box_of_softness,
    deform,
)
from crosswarp.registration.torch_map.energy import Fixed
from crosswarp.types.arrays import FieldInBox, ScalarMap, SpatialMap
from crosswarp.types.tensors import (
    Displacement,
    Homogeneous,
    Image,
    OtherImage,
    ThirdImage,
)

LEAST_BRIGHTNESS: Final = 0.1
"""Of the template's brightest voxel: below, a voxel outside is smoothing's halo."""


@dataclass(frozen=True)
class TorchMap:
    """Affine by local correlation, the rest by maximum a posteriori; CPU or GPU.

    Nothing is drawn at random: on a CPU, with the same number of threads, equal
    input gives the same bytes.

    Attributes:
        settings: The schedule, and the device.
        softness: On the template's grid, in [0, 1]: where volumes are known to
            change, so that the prior lets them; nowhere when None.
    """

    settings: MapSettings
    softness: ScalarMap | None = None

    def register(self, template: SpatialMap, participant: SpatialMap) -> Registration:
        """Register, as `RegistrationBackend` says.

        Raises:
            InputError: If the settings ask for a GPU and there is none.
        """
        settings = self.settings
        pair = prepare(template, participant, settings)
        soft = pair.on_device(self._softness(template)[pair.box])
        soft_box = box_of_softness(soft, len(settings.deformable_iterations))
        parts = Fixed(pair.fixed, pair.weight, soft[soft_box].contiguous(), soft_box)
        return pair.result(
            deform(parts, pair.moving, pair.to_moving, pair.grids, settings)
        )

    def _softness(self, template: SpatialMap) -> ScalarMap:
        if self.softness is None:
            return np.zeros(template.extent, dtype=np.float32)
        return self.softness.astype(np.float32)


@dataclass(frozen=True)
class Prepared:
    """Two images and the affine between them, ready for the dense part.

    Attributes:
        template: The whole template.
        box: Of its voxels that are worked on.
        fixed: The template in the box, standardised.
        weight: 1 where it counts.
        moving: The participant, standardised.
        coarse: The participant about as finely sampled as the template.
        affine: Template mm to participant mm, RAS+.
        to_moving: Voxels of the box to voxels of ``moving``.
        to_coarse: Voxels of the box to voxels of ``coarse``.
        grids: How finely both are sampled.
    """

    template: SpatialMap
    box: Box
    fixed: Image
    weight: Image
    moving: OtherImage
    coarse: ThirdImage
    affine: Homogeneous
    to_moving: Homogeneous
    to_coarse: Homogeneous
    grids: Grids

    def on_device(self, values: ScalarMap) -> Image:
        """Take a map in the box to where the images are."""
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.fixed.device)

    def result(self, along_axes: Displacement) -> Registration:
        """Turn mm along the box's axes into what every back end gives."""
        columns = self.template.affine[:3, :3] / self.grids.spacing
        directions = columns.astype(np.float32)
        millimetres: FieldInBox = along_axes.movedim(0, -1).cpu().numpy() @ directions.T
        return Registration(
            self.affine.cpu().numpy(),
            padded(millimetres, self.box, self.template.extent),
        )


def prepare(
    template: SpatialMap,
    participant: SpatialMap,
    settings: MapSettings | TwoStageSettings,
) -> Prepared:
    """Crop, standardise and find the affine.

    Args:
        template: Fixed, 0 outside the brain.
        participant: Moving, 0 outside the brain.
        settings: With the device and the affine's schedule.

    Raises:
        InputError: If the settings ask for a GPU and there is none.
    """
    device = device_for(settings)
    box = box_of_brain(template)
    participant = _fine_enough(participant, min(template.spacing))
    inner = cropped(template, box)
    fixed, moving = (standardised_on(m, device) for m in (inner, participant))
    to_world = matrix(inner.affine, device)
    to_voxels = matrix(np.linalg.inv(participant.affine), device)
    ratio = min(inner.spacing) / min(participant.spacing)
    coarse, factor = rethinned(moving, ratio)
    coarse_voxels = to_voxels.clone()
    coarse_voxels[:3] /= factor
    search = AffineSearch(fixed, coarse, to_world, coarse_voxels)
    affine = search.best(settings.affine_iterations, settings.metric_radius)
    return Prepared(
        template,
        box,
        fixed,
        torch.from_numpy(_brain(inner)).to(device),
        moving,
        coarse,
        affine,
        (to_voxels @ affine @ to_world).float(),
        (coarse_voxels @ affine @ to_world).float(),
        Grids(inner.spacing, ratio),
    )


def _brain(template: SpatialMap) -> ScalarMap:
    """Say which voxels count: the brain, without the halo of its smoothing.

    The rim beyond would weigh as much as the brain, and between two heads it is where
    their masks differ: with it, the correlation with a known deformation between
    heads fell from 0.75 to 0.69 (docs/measured/registration.md).
    """
    bright = template.values > LEAST_BRIGHTNESS * template.values.max()
    brain: ScalarMap = ndimage.binary_fill_holes(bright).astype(np.float32)
    return brain


def _fine_enough(participant: SpatialMap, spacing: float) -> SpatialMap:
    """Double a participant's voxels by cubic splines, unless they are fine already.

    Linear interpolation between coarse voxels blurs by where a point falls, and the
    fit would take that for a displacement.
    """
    if spacing / min(participant.spacing) > 1.5:
        return participant
    i, j, k = (2 * n - 1 for n in participant.extent)
    halved = np.diag([0.5, 0.5, 0.5, 1.0])
    values: ScalarMap = ndimage.affine_transform(
        participant.values, halved[:3, :3], output_shape=(i, j, k), order=3
    )
    return SpatialMap(values.clip(min=0), participant.affine @ halved)
