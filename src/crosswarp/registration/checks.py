"""What goes into a registration and what comes out: the same for all back ends."""

import numpy as np

from crosswarp.errors import ScanError, ShapeError
from crosswarp.registration.result import Registration
from crosswarp.types.arrays import SpatialMap


def check_image(role: str, brain: SpatialMap) -> None:
    """Refuse what no back end can register.

    Args:
        role: ``template`` or ``participant``, for the message.
        brain: 0 outside the brain.

    Raises:
        ScanError: If it is empty, constant or holds values that are not finite.
    """
    if not np.isfinite(brain.values).all():
        msg = f"the {role} has voxels that are not finite; expected a T1w brain"
        raise ScanError(msg)
    inside = brain.values[brain.values > 0]
    if not inside.size:
        msg = f"the {role} is empty; give one with a brain in it"
        raise ScanError(msg)
    if inside.min() == inside.max():
        msg = (
            f"the {role} is {inside[0]:g} wherever it is above 0; give a T1w brain,"
            " not its mask"
        )
        raise ScanError(msg)


def check_result(found: Registration, template: SpatialMap) -> None:
    """Refuse what no registration may give.

    Args:
        found: By a back end.
        template: On whose grid the displacement has to lie.

    Raises:
        ScanError: If the affine mirrors or flattens, or a number is not finite.
        ShapeError: If the displacement is on another grid.
    """
    affine = found.affine
    if not np.isfinite(affine).all() or np.linalg.det(affine[:3, :3]) <= 0:
        msg = f"the affine registration failed; it gave {affine.tolist()}"
        raise ScanError(msg)
    expected = (*template.extent, 3)
    if found.displacement.shape != expected:
        msg = (
            f"the displacement is on a grid of {found.displacement.shape}; expected"
            f" {expected}"
        )
        raise ShapeError(msg)
    if not np.isfinite(found.displacement).all():
        msg = "the deformable registration failed; its displacement is not finite"
        raise ScanError(msg)
