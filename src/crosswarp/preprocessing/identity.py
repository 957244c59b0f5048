"""Which of the settings a map depends on: all but the limits of the quality control.

A limit changes the verdict on a map, and no voxel of it.
"""

from collections.abc import Mapping
from typing import Any, Final

LIMITS: Final = "limits"

DIGESTED: Final[dict[str, dict[str, list[float | None]]]] = {
    "brain_volume_cm3": {"fine": [900.0, 2100.0], "used": [700.0, 2300.0]},
    "brain_at_edge_cm2": {"fine": [None, 10.0], "used": [None, 40.0]},
    "overlap": {"fine": [0.92, None], "used": [0.85, None]},
    "similarity": {"fine": [0.7, None], "used": [0.5, None]},
    "folded": {"fine": [None, 0.0], "used": [None, 0.0]},
    "log_jacobian_sd": {"fine": [0.05, 0.5], "used": [None, 1.0]},
    "log_jacobian_least": {"fine": [-1.6, None], "used": [-3.0, None]},
    "log_jacobian_greatest": {"fine": [None, 1.6], "used": [None, 3.0]},
}
"""Digested in place of the limits, whichever they are, and never to be changed.

Earlier versions digested the limits with all other settings, and these were the
defaults. With a constant in their place, maps that were made then keep their
fingerprint, and are not made again.
"""

CHOOSING: Final = ("brain_volume_cm3", "brain_at_edge_cm2")
"""Limits that choose the brain mask where the template's may take its place."""


def identity_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that maps depend on, as they are digested.

    With ``fall_back`` the limits of the brain mask stay: what they refuse is replaced
    by the template's mask, and the maps are others.

    Args:
        settings: All settings of preprocessing as JSON, of this or an earlier version.
    """
    if LIMITS not in settings:
        return dict(settings)
    limits: dict[str, Any] = dict(DIGESTED)
    if settings.get("fall_back"):
        limits |= {name: _used(settings[LIMITS], name) for name in CHOOSING}
    return {**settings, LIMITS: limits}


def _used(limits: object, name: str) -> dict[str, object]:
    found = limits.get(name) if isinstance(limits, Mapping) else None
    used = found.get("used") if isinstance(found, Mapping) else None
    return {**DIGESTED[name], "used": used}
