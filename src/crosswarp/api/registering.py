"""Registration of two brains, and the volume change of a deformation."""

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from crosswarp.api.maps import read_image
from crosswarp.api.paths import as_path
from crosswarp.errors import InputError
from crosswarp.registration.build import register as register_maps
from crosswarp.registration.build import registration_named
from crosswarp.registration.default import DEFAULT
from crosswarp.registration.jacobian import log_jacobian
from crosswarp.registration.result import Registration
from crosswarp.registration.settings import RegistrationSettings
from crosswarp.types.arrays import SpatialMap

__all__ = ["log_jacobian", "register"]

Image: TypeAlias = Any
"""A `SpatialMap`, a NiBabel image, or the path of a NIfTI file."""


def register(
    template: Image,
    participant: Image,
    registration: str | RegistrationSettings = DEFAULT,
) -> Registration:
    """Register a participant's brain to a template's.

    Args:
        template: Fixed brain, 0 outside: the path of a NIfTI file, a NiBabel image, or
            an object with ``values`` (three axes) and ``affine`` (voxel indices to RAS+
            mm). The displacement comes on its grid.
        participant: Moving brain, 0 outside, sampled about as finely; any orientation
            and position.
        registration: Name of the back end (``two_stage``, ``map``, ``greedy``,
            ``ants`` or ``torch``), or its settings.

    Returns:
        ``affine`` (4 x 4, template RAS+ mm to participant RAS+ mm) and ``displacement``
        (three axes of the template grid and 3 components, RAS+ mm). A template point x
        lies in the participant at ``affine @ (x + displacement(x))``.

    Raises:
        ScanError: If an image is empty or constant, or the registration fails.
        InputError: If an image has not three axes, or there is no such back end.
        MissingPackageError: If the back end's library is not installed.

    Examples:
        A ball and the same ball, larger inside its middle. The affine takes out the
        size of the whole, so the middle grows and what is around it shrinks:

        >>> import nibabel
        >>> affine = np.diag([4.0, 4, 4, 1])
        >>> grid = np.indices((32, 32, 32)).transpose(1, 2, 3, 0) - 15.5
        >>> radius = np.linalg.norm(grid, axis=-1)
        >>> def ball(middle):
        ...     values = (radius < 13) * (1.0 + (radius < middle))
        ...     return nibabel.Nifti1Image(values.astype("float32"), affine)
        >>> found = crosswarp.register(ball(5), ball(7), "greedy")
        >>> found.displacement.shape
        (32, 32, 32, 3)
        >>> change = crosswarp.log_jacobian(found.displacement, affine)
        >>> bool(change[radius < 4].mean() > 0.2)
        True
    """
    chosen = registration
    if isinstance(chosen, str):
        chosen = registration_named(chosen)
    fixed, moving = _image("template", template), _image("participant", participant)
    return register_maps(fixed, moving, chosen)


def _image(argument: str, given: Image) -> SpatialMap:
    if isinstance(given, SpatialMap):
        return given
    if isinstance(given, str | Path):
        return read_image(as_path(given))
    if hasattr(given, "get_fdata") and hasattr(given, "affine"):
        values = np.asarray(given.get_fdata(dtype=np.float32))
        if values.ndim == 3:
            return SpatialMap(values, np.asarray(given.affine, np.float64))
        what = f"an image with {values.ndim} axes"
    else:
        what = type(given).__name__
    msg = (
        f"{argument}: expected the path of a NIfTI file, or an image with three axes"
        f" and an affine, got {what}"
    )
    raise InputError(msg)
