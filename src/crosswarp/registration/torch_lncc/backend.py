"""Registration in PyTorch, as one back end."""

from dataclasses import dataclass

import numpy as np
import torch

from crosswarp.errors import InputError
from crosswarp.registration.box import (
    box_of_brain,
    cropped,
    padded,
)
from crosswarp.registration.result import Registration
from crosswarp.registration.settings import (
    MapSettings,
    TorchSettings,
    TwoStageSettings,
)
from crosswarp.registration.torch_lncc.affine import AffineSearch
from crosswarp.registration.torch_lncc.deformable import deform
from crosswarp.registration.torch_lncc.pyramid import standardised
from crosswarp.types.arrays import Affine, FieldInBox, SpatialMap
from crosswarp.types.tensors import Homogeneous, Image


@dataclass(frozen=True)
class TorchLncc:
    """Affine and compositive registration by local correlation, on CPU or GPU.

    Nothing is drawn at random: on a CPU, with the same number of threads, equal
    input gives the same bytes.

    Attributes:
        settings: The schedule, and the device.
    """

    settings: TorchSettings

    def register(self, template: SpatialMap, participant: SpatialMap) -> Registration:
        """Register, as `RegistrationBackend` says.

        Raises:
            InputError: If the settings ask for a GPU and there is none.
        """
        settings, device = self.settings, device_for(self.settings)
        box = box_of_brain(template)
        inner = cropped(template, box)
        fixed, moving = (standardised_on(m, device) for m in (inner, participant))
        to_world = matrix(inner.affine, device)
        to_voxels = matrix(np.linalg.inv(participant.affine), device)
        search = AffineSearch(fixed, moving, to_world, to_voxels)
        affine = search.best(settings.affine_iterations, settings.metric_radius)
        whole = (to_voxels @ affine @ to_world).float()
        voxels = deform(fixed, moving, whole, settings).movedim(0, -1).cpu().numpy()
        millimetres: FieldInBox = voxels @ inner.affine[:3, :3].T.astype(np.float32)
        return Registration(
            affine.cpu().numpy(), padded(millimetres, box, template.extent)
        )


def device_for(
    settings: TorchSettings | MapSettings | TwoStageSettings,
) -> torch.device:
    """Choose where to work.

    Raises:
        InputError: If a GPU is asked for and there is none that PyTorch can use.
    """
    there = torch.cuda.is_available()
    if settings.device == "cuda" and not there:
        msg = (
            "registration on cuda was asked for, but PyTorch finds no CUDA device; take"
            " device auto or cpu, or install a CUDA build of torch"
        )
        raise InputError(msg)
    return torch.device("cpu" if settings.device == "cpu" or not there else "cuda")


def standardised_on(brain: SpatialMap, device: torch.device) -> Image:
    """Take a map to where it is worked on; its SD in the brain becomes 1."""
    values = np.ascontiguousarray(brain.values, dtype=np.float32)
    return standardised(torch.from_numpy(values).to(device))


def matrix(affine: Affine, device: torch.device) -> Homogeneous:
    """Take an affine to where it is worked with."""
    return torch.from_numpy(np.ascontiguousarray(affine, dtype=np.float64)).to(device)
