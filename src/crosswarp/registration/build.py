"""The one place where names and settings become a way to register."""

import difflib
from typing import Final

from crosswarp.errors import InputError
from crosswarp.registration.backend import RegistrationBackend
from crosswarp.registration.checks import check_image, check_result
from crosswarp.registration.result import Registration
from crosswarp.registration.settings import (
    DerivativesSettings,
    RegistrationSettings,
)
from crosswarp.registration.table import BACK_ENDS, default_settings
from crosswarp.types.arrays import ScalarMap, SpatialMap

REGISTRATIONS: Final[dict[str, RegistrationSettings]] = {
    name: back_end.settings.model_validate({"backend": name})
    for name, back_end in BACK_ENDS.items()
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


def build_backend(
    settings: RegistrationSettings, softness: ScalarMap | None = None
) -> RegistrationBackend:
    """Make the back end that settings are for; the library is loaded late.

    Args:
        settings: Of one of the back ends.
        softness: As in `register`.

    Raises:
        MissingPackageError: If it needs a library that is not installed.
        InputError: If the settings are those of a registration made elsewhere.
    """
    if isinstance(settings, DerivativesSettings):
        msg = (
            f"expected a scan that {settings.made_by} has registered, as the maps of"
            " these settings were: give the folder of such maps, which `preprocess`"
            " makes of its derivatives (`from_derivatives=True`)"
        )
        raise InputError(msg)
    return BACK_ENDS[settings.backend].build(settings, softness)


def register(
    template: SpatialMap,
    participant: SpatialMap,
    settings: RegistrationSettings | None = None,
    softness: ScalarMap | None = None,
) -> Registration:
    """Register a participant's brain to a template's.

    Args:
        template: Fixed, 0 outside the brain; the displacement comes on its grid. Its
            spacing should be ``settings.resolution``.
        participant: Moving, 0 outside the brain, about as finely sampled.
        settings: Of one of the back ends; the default's when None.
        softness: On the template's grid, from 0 to 1: where volumes are known to
            change. Back ends whose smoothness cannot vary in space leave it alone.

    Returns:
        Affine and displacement, the same conventions for all back ends.

    Raises:
        ScanError: If an image is empty or constant, or the registration fails.
        MissingPackageError: If the back end's library is not installed.
    """
    check_image("template", template)
    check_image("participant", participant)
    backend = build_backend(settings or default_settings(), softness)
    found = backend.register(template, participant)
    check_result(found, template)
    return found
