"""How a piece of work ended, whatever ran it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from crosswarp.machine import MachineStatus


@dataclass(frozen=True)
class Outcome:
    """How a piece of work ended.

    Attributes:
        status: ``ok``; ``failed`` (it raised); ``memory``, ``disk`` and ``machine``
            (it raised, and the machine was in the way: `machine_status`); ``crash``
            (a signal or an exit ended its process); ``timeout`` and ``memory`` (a limit
            was passed); ``lost`` (its worker went away, again and again, or could not
            even start it).
        value: What it returned, when it is ok.
        reason: One line, empty when it is ok.
        seconds: Wall time, the start of the process included.
        peak_mb: Largest resident memory, in 10^6 bytes; not a number when the process
            ended before it could say.
        detail: Traceback and end of what it printed; empty when it is ok.
        log: File that holds them, once written.
    """

    status: Literal["ok", "failed", "crash", "timeout", "lost"] | MachineStatus
    value: Any
    reason: str
    seconds: float
    peak_mb: float
    detail: str = ""
    log: Path | None = None
