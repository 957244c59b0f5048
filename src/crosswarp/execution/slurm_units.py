"""Times and amounts of memory, as Slurm's commands read them."""

import re
from typing import Final

_MEMORY: Final = re.compile(r"(\d+)([KMGT]?)")
_MB: Final = {
    "K": 2**10 / 1e6,
    "": 2**20 / 1e6,
    "M": 2**20 / 1e6,
    "G": 2**30 / 1e6,
    "T": 2**40 / 1e6,
}
_TIME: Final = re.compile(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?")


def megabytes(mem: str) -> float | None:
    """Read an amount of memory, in 10^6 bytes; None if it is none.

    Args:
        mem: A number of MiB, or one with K, M, G or T behind it.

    Example:
        >>> round(megabytes("8G"))
        8590
    """
    match = _MEMORY.fullmatch(mem.upper())
    return int(match[1]) * _MB[match[2]] if match else None


def seconds(time: str) -> float | None:
    """Read a time; None if it is none.

    Args:
        time: Minutes, minutes:seconds, hours:minutes:seconds, days-hours,
            days-hours:minutes or days-hours:minutes:seconds.

    Example:
        >>> [seconds(text) for text in ("90", "1:30", "02:00:00", "1-12", "soon")]
        [5400.0, 90.0, 7200.0, 129600.0, None]
    """
    match = _TIME.fullmatch(time)
    if not match:
        return None
    days, *rest = match.groups()
    parts = [float(part) for part in rest if part is not None]
    units = (3600.0, 60.0, 1.0) if days or len(parts) == 3 else (60.0, 1.0)
    clock = sum(part * unit for part, unit in zip(parts, units, strict=False))
    return clock + 86400.0 * float(days or 0)
