"""How much more memory this process may take."""

import math
import resource
import sys
from pathlib import Path
from typing import Final

import psutil

_GROUPS: Final = (
    # Linux control groups: what a container, Slurm or systemd allows, and what is used.
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)

BYTES_PER_MB: Final = 1e6

_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024
"""Bytes of the unit in which the system counts ``ru_maxrss``."""


def peak_mb() -> float:
    """Return the most memory that this process ever held, in MB (1e6 bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * _RSS_UNIT / BYTES_PER_MB


def free_bytes() -> float:
    """Return the bytes that this process may still take before something ends it.

    The least of what the machine has free, what its control group leaves, and what
    its own limits of address space and data leave.
    """
    memory = psutil.Process().memory_info()
    # Only Linux says how much data there is apart from the rest.
    data = getattr(memory, "data", memory.rss)
    used = {resource.RLIMIT_AS: memory.vms, resource.RLIMIT_DATA: data}
    own = [_limit(kind) - taken for kind, taken in used.items()]
    groups = [_number(most) - _number(now) for most, now in _GROUPS if now.is_file()]
    return max(0.0, float(min(psutil.virtual_memory().available, *own, *groups)))


def _limit(kind: int) -> float:
    soft, _ = resource.getrlimit(kind)
    return math.inf if soft == resource.RLIM_INFINITY else soft


def _number(path: Path) -> float:
    """Read a control group's figure; infinite where it says that there is no limit."""
    try:
        return float(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return math.inf
