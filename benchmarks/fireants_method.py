"""FireANTs in the benchmark of Jacobian fidelity, as its author would put it in.

Not among what the program installs. Run from the root of the repository::

    pip install --no-deps fireants tqdm
    python -m benchmarks.registration --folder WORK --resolution 2 --methods
        two_stage --method benchmarks/fireants_method.py:register

Its affine and its greedy deformable registration with the correlation, the schedules
and the smoothing of its tutorial, on the CPU: one thread, no compiled kernels.
"""

from importlib import import_module
from typing import Any, Final

import numpy as np
import torch

from crosswarp.registration.resampling import grid_points
from crosswarp.types.arrays import SpatialMap

TO_LPS: Final = np.diag([-1.0, -1.0, 1.0, 1.0])
"""RAS+ mm to the LPS+ mm of ITK, and back."""

SCHEDULE: Final = ([4, 2, 1], [200, 100, 50])
"""Factors of the spacing, and iterations at each."""


def register(template: SpatialMap, scan: SpatialMap) -> tuple[np.ndarray, np.ndarray]:
    """Register a scan to a template.

    Args:
        template: Fixed brain.
        scan: Moving brain.

    Returns:
        Affine, template to scan, RAS+ mm; and the displacement before it, RAS+ mm on
        the template's grid.
    """
    affinely = import_module("fireants.registration.affine").AffineRegistration
    densely = import_module("fireants.registration.greedy").GreedyRegistration
    batched = import_module("fireants.io").BatchedImages
    usual: dict[str, Any] = {
        "optimizer": "Adam",
        "cc_kernel_size": 5,
        "progress_bar": False,
    }
    torch.manual_seed(0)
    fixed, moving = (batched([_image(of)]) for of in (template, scan))
    affine = affinely(*SCHEDULE, fixed, moving, optimizer_lr=3e-3, **usual)
    affine.optimize()
    straight = affine.get_affine_matrix().detach()
    bent = densely(
        *SCHEDULE,
        fixed,
        moving,
        smooth_grad_sigma=1,
        smooth_warp_sigma=0.25,
        optimizer_lr=0.5,
        init_affine=straight,
        **usual,
    )
    bent.optimize()
    places = bent.get_warped_coordinates(fixed, moving)[0].detach().double().numpy()
    to_world = moving.get_torch2phy()[0].double().numpy()
    lps = places @ to_world[:3, :3].T + to_world[:3, 3]
    ras = lps.transpose(2, 1, 0, 3) @ TO_LPS[:3, :3]
    matrix = TO_LPS @ straight[0].double().numpy() @ TO_LPS
    inverse = np.linalg.inv(matrix)
    before = ras @ inverse[:3, :3].T + inverse[:3, 3]
    return matrix, before - grid_points(template.extent, template.affine)


def _image(of: SpatialMap) -> object:
    sitk = import_module("SimpleITK")
    lps = TO_LPS @ of.affine
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    image = sitk.GetImageFromArray(np.ascontiguousarray(of.values.transpose(2, 1, 0)))
    image.SetSpacing(spacing.tolist())
    image.SetOrigin(lps[:3, 3].tolist())
    image.SetDirection((lps[:3, :3] / spacing).ravel().tolist())
    return import_module("fireants.io").Image(image, device="cpu")
