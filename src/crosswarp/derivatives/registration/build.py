"""The one place where names and settings become a way to register."""

import difflib
from typing import Final

import numpy as np

from crosswarp.derivatives.registration.ants_syn import AntsSyn
from crosswarp.derivatives.registration.backend import RegistrationBackend
from crosswarp.derivatives.registration.greedy import Greedy
from crosswarp.derivatives.registration.result import Registration
from crosswarp.derivatives.settings import (
    AntsSettings,
    GreedySettings,
    RegistrationSettings,
)
from crosswarp.errors import InputError, ScanError
from crosswarp.types.arrays import SpatialMap

REGISTRATIONS: Final[dict[str, RegistrationSettings]] = {
    settings.backend: settings for settings in (GreedySettings(), AntsSettings())
}
"""The back ends by name, with the settings that each has unasked."""


def registration_named(name: str) -> RegistrationSettings:
    """Look a back end up.

    Args:
        name: As on the command line.

    Raises:
        InputError: If there is none of that name; names the nearest.

    Example:
        >>> registration_named("greedy").resolution
        2
    """
    if name in REGISTRATIONS:
        return REGISTRATIONS[name]
    near = difflib.get_close_matches(name.lower(), REGISTRATIONS, n=2)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    msg = f"no registration {name!r}; {hint}known: {', '.join(REGISTRATIONS)}"
    raise InputError(msg)


def build_backend(settings: RegistrationSettings) -> RegistrationBackend:
    """Make the back end that settings are for; it loads its library when it works."""
    match settings:
        case GreedySettings():
            return Greedy(settings)
        case AntsSettings():
            return AntsSyn(settings)


def register(
    template: SpatialMap,
    participant: SpatialMap,
    settings: RegistrationSettings | None = None,
) -> Registration:
    """Register a participant's brain to a template's.

    Args:
        template: Fixed, 0 outside the brain; the displacement comes on its grid. Its
            spacing should be ``settings.resolution``.
        participant: Moving, 0 outside the brain, about as finely sampled.
        settings: Of one of the back ends; greedy's default ones when None.

    Returns:
        Affine and displacement, the same conventions for all back ends.

    Raises:
        ScanError: If an image is empty or constant, or the registration fails.
        MissingPackageError: If the back end's library is not installed.
    """
    _check_image("template", template)
    _check_image("participant", participant)
    found = build_backend(settings or GreedySettings()).register(template, participant)
    _check_result(found, template)
    return found


def _check_image(role: str, brain: SpatialMap) -> None:
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


def _check_result(found: Registration, template: SpatialMap) -> None:
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
        raise ScanError(msg)
    if not np.isfinite(found.displacement).all():
        msg = "the deformable registration failed; its displacement is not finite"
        raise ScanError(msg)
