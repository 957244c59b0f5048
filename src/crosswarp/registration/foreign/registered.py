"""A transform of another program as the registration that it was."""

from typing import Final

import numpy as np

from crosswarp.errors import ScanError
from crosswarp.registration.foreign.steps import AffineStep, ForeignTransform
from crosswarp.registration.foreign.volume_change import LEAST_COVERED, where_to
from crosswarp.registration.result import Registration
from crosswarp.types.arrays import Affine, Mask, SpatialMap

STRETCH: Final = (0.5, 2.0)
"""Lengths that an affine between two heads may turn a millimetre into."""


def as_registration(
    transform: ForeignTransform, template: SpatialMap, brain: Mask
) -> Registration:
    """Split a transform into its affine and the displacement before that.

    Args:
        transform: From the template's points to the participant's.
        template: On whose grid the displacement is wanted.
        brain: Brain of the template, on the same grid.

    Raises:
        ScanError: If the transform has no warp, lies elsewhere than the template, or
            its affine is none between two heads.
    """
    if not transform.warps:
        msg = (
            "the transform is an affine alone; expected a warp, since the log-Jacobian"
            " of an affine is 0 everywhere"
        )
        raise ScanError(msg)
    affine: Affine = np.eye(4)
    for step in transform.steps:
        if isinstance(step, AffineStep):
            affine = step.matrix @ affine
    stretches = np.linalg.svd(affine[:3, :3], compute_uv=False)
    if stretches.min() < STRETCH[0] or stretches.max() > STRETCH[1]:
        shown = ", ".join(f"{s:.2f}" for s in stretches)
        msg = f"the transform's affine stretches by {shown}: it is none between heads"
        raise ScanError(msg)
    goals, inside = where_to(transform, template)
    if (covered := float(inside[brain].mean())) < LEAST_COVERED:
        msg = (
            f"the transform covers {covered:.0%} of the template's brain; expected at"
            f" least {LEAST_COVERED:.0%}: it is for another space or direction"
        )
        raise ScanError(msg)
    back = np.linalg.inv(affine)
    before = goals @ back[:3, :3].T + back[:3, 3]
    places, _ = where_to(ForeignTransform((), "nothing"), template)
    return Registration(affine, (before - places).astype(np.float32))
