"""Template to participant: an affine, and a dense displacement for the rest."""

from crosswarp.derivatives.registration.backend import RegistrationBackend
from crosswarp.derivatives.registration.build import (
    REGISTRATIONS,
    build_backend,
    register,
    registration_named,
)
from crosswarp.derivatives.registration.result import Registration

__all__ = [
    "REGISTRATIONS",
    "Registration",
    "RegistrationBackend",
    "build_backend",
    "register",
    "registration_named",
]
