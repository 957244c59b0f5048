"""Registration in PyTorch, as one back end."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from crosswarp.derivatives.registration.box import box_of_brain, cropped, padded
from crosswarp.derivatives.registration.result import Registration
from crosswarp.derivatives.registration.torch_lncc.affine import AffineSearch
from crosswarp.derivatives.registration.torch_lncc.backend import (
    device_for,
    matrix,
    standardised_on,
)
from crosswarp.derivatives.registration.torch_lncc.pyramid import (
    rethinned,
)
from crosswarp.derivatives.registration.torch_map.deformable import Grids, deform
from crosswarp.derivatives.settings import MapSettings
from crosswarp.types.arrays import FieldInBox, ScalarMap, SpatialMap


@dataclass(frozen=True)
class TorchMap:
    """Affine and compositive registration by local correlation, on CPU or GPU.

    Nothing is drawn at random: on a CPU, with the same number of threads, equal
    input gives the same bytes.

    Attributes:
        settings: The schedule, and the device.
    """

    settings: MapSettings

    def register(self, template: SpatialMap, participant: SpatialMap) -> Registration:
        """Register, as `RegistrationBackend` says.

        Raises:
            InputError: If the settings ask for a GPU and there is none.
        """
        settings, device = self.settings, device_for(self.settings)
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
        grids = Grids(inner.spacing, ratio)
        whole = (to_voxels @ affine @ to_world).float()
        along_axes = deform(fixed, moving, whole, grids, settings)
        directions = (inner.affine[:3, :3] / inner.spacing).astype(np.float32)
        millimetres: FieldInBox = along_axes.movedim(0, -1).cpu().numpy() @ directions.T
        return Registration(
            affine.cpu().numpy(), padded(millimetres, box, template.extent)
        )


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
