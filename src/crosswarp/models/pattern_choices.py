"""Which choices of a network go with patterns. Loads no torch."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from crosswarp.models.settings import ModelSettings

PATTERNS: Final = "patterns"
"""The encoder that gives scores in place of tokens."""

CROSSED: Final = "crossed"
"""The fusion of two maps' patterns."""

_OF_TOKENS: Final = ("positions", "pooling", "places", "standardise")


def pattern_fault(settings: "ModelSettings") -> str | None:
    """Say what does not go together, if anything.

    Args:
        settings: Settings of a network, each by itself valid.
    """
    used = {settings.encoder, settings.jsm_encoder} - {None}
    if PATTERNS not in used:
        if settings.fusion == CROSSED:
            return f"fusion {CROSSED} takes encoder {PATTERNS}, got {settings.encoder}"
        return None
    if used != {PATTERNS} or settings.fusion not in (CROSSED, "none"):
        return (
            f"encoder {PATTERNS} gives scores, no tokens: give fusion {CROSSED} for"
            " both maps, or none with one map, and no other encoder"
        )
    fields = type(settings).model_fields
    given = [n for n in _OF_TOKENS if getattr(settings, n) != fields[n].default]
    if given:
        return f"{', '.join(given)} has no meaning for encoder {PATTERNS}; leave it out"
    if settings.crossed > settings.patterns:
        return (
            f"crossed must be at most the {settings.patterns} patterns of a map, got"
            f" {settings.crossed}"
        )
    return None
