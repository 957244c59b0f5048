"""Which two maps of a scan networks see, by name."""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

SeenMaps: TypeAlias = tuple[Literal["t1w", "jsm"], Literal["jsm", "change", "rate"]]
"""The first map and the second one."""

OF_SCAN: Final[SeenMaps] = ("t1w", "jsm")
"""Both of one scan; every other choice needs two scans of a participant."""

WORDS: Final = {
    "t1w": "T1w image",
    "jsm": "log-Jacobian map",
    "change": "map of change",
    "rate": "map of change a year",
}
"""What people call each map."""


def of_two_scans(maps: Sequence[str]) -> bool:
    """Whether one of the maps is of the change between two scans of a participant."""
    return maps[1] != OF_SCAN[1]


def words_of(maps: Sequence[str]) -> dict[str, str]:
    """Say what a run's maps are called, by the names that its tables have for them.

    Networks, tables and folders call the first map ``t1w`` and the second ``jsm``,
    whichever they are.

    Args:
        maps: First and second map.

    Example:
        >>> words_of(("jsm", "change"))["t1w"]
        'log-Jacobian map'
    """
    return {slot: WORDS[name] for slot, name in zip(OF_SCAN, maps, strict=True)}
