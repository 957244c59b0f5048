"""Whether a transform goes the way that its format says: the registered image tells."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.errors import InputError
from crosswarp.registration.foreign.steps import ForeignTransform, Step, WarpStep
from crosswarp.registration.foreign.volume_change import where_to
from crosswarp.types.arrays import SpatialMap, VectorField

STEP: Final = 2
"""Every second voxel along each axis is compared."""

CLEARLY: Final = 0.01
"""Correlation by which another reading of the numbers has to be closer."""

OPPOSITE: Final = "turned round: the transform goes the other way"
IN_VOXELS: Final = "taken as counts of voxels: give `transform_format='voxels'`"


def check_with(
    transform: ForeignTransform, reference: SpatialMap, moving: SpatialMap
) -> float:
    """Compare the images through a transform, and through what it may be instead.

    Args:
        transform: From the reference's points to those of the registered image.
        reference: Image that the other one was registered to.
        moving: Image that was registered, of the same contrast, as it was before.

    Returns:
        Correlation of the two images in the reference's foreground.

    Raises:
        InputError: If the images agree better when the displacements are turned round
            or taken for counts of voxels; or the program has coordinates of its own,
            in which the images cannot be compared.
    """
    if any(not np.allclose(warp.axes, warp.affine) for warp in transform.warps):
        msg = (
            f"{transform.words}: its coordinates are not those of the room, in which"
            " `moving` is looked up; leave `moving` out"
        )
        raise InputError(msg)
    thinned = SpatialMap(
        reference.values[::STEP, ::STEP, ::STEP],
        reference.affine @ np.diag([STEP, STEP, STEP, 1.0]),
    )
    found = _likeness(transform, thinned, moving)
    for what, other in _others(transform):
        instead = _likeness(other, thinned, moving)
        if instead > found + CLEARLY:
            msg = (
                f"the images agree better (correlation {instead:.3f} instead of"
                f" {found:.3f}) when the displacements are {what}"
            )
            raise InputError(msg)
    return found


def _others(transform: ForeignTransform) -> Iterator[tuple[str, ForeignTransform]]:
    """Give the transforms that the same numbers would be in other hands."""

    def changed(step: Step, *, voxels: bool) -> Step:
        if not isinstance(step, WarpStep):
            return step
        field = step.displacement
        # Of ITK's and AFNI's fields the signs were turned when they were read.
        flipped: VectorField = (
            field * np.array([-1, -1, 1], np.float32) if voxels else -field
        )
        if voxels:
            flipped = (flipped @ step.affine[:3, :3].T).astype(np.float32)
        return replace(step, displacement=flipped)

    for what, voxels in ((OPPOSITE, False), (IN_VOXELS, True)):
        steps = tuple(changed(step, voxels=voxels) for step in transform.steps)
        yield what, ForeignTransform(steps, transform.words)


def _likeness(
    transform: ForeignTransform, reference: SpatialMap, moving: SpatialMap
) -> float:
    goals, _ = where_to(transform, reference)
    back = np.linalg.inv(moving.affine)
    voxels = np.moveaxis(goals @ back[:3, :3].T + back[:3, 3], -1, 0)
    seen = ndimage.map_coordinates(moving.values, voxels, order=1)
    lit = reference.values != 0
    one, other = reference.values[lit], seen[lit]
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
