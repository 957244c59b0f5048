"""Template to participant: an affine, and a dense displacement for the rest."""

from crosswarp.derivatives.registration.greedy import register
from crosswarp.derivatives.registration.result import Registration

__all__ = ["Registration", "register"]
