"""Claims on a folder where the disk has no locks, or none that other machines see.

Each process puts a claim there, a file of its own, and then looks for others: who sees
a living one withdraws. Of two that look after both have written, at least one sees the
other, so two never work at once.
"""

import os
import sys
import threading
import time
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from crosswarp.documents import read_object
from crosswarp.errors import LockedError
from crosswarp.files import UNFINISHED, is_running, started, write_json

LOCK: Final = ".crosswarp-lock"
"""Of locks, and the start of the names of claims."""

BEAT_SECONDS: Final = 20.0
"""Between two signs of life of an owner."""

SILENT_SECONDS: Final = 300.0
"""An owner on another machine that gave no sign for so long is gone."""

ASKING_SECONDS: Final = 10.0
"""How long one of several that ask at once waits for the others to withdraw."""


def owner() -> dict[str, Any]:
    """Describe this process, for who finds its lock or claim."""
    program = Path(sys.argv[0])
    # Of other programs the arguments are not ours to tell.
    ours = program.stem in ("crosswarp", "__main__")
    return {
        "host": os.uname().nodename,
        "process": os.getpid(),
        "started": started(os.getpid()),
        "machine": _machine(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["crosswarp", *sys.argv[1:2]]) if ours else program.name,
    }


def _machine() -> list[str]:
    """Tell apart where numbers of processes mean the same: one start of one system."""
    known = [os.uname().nodename]
    with suppress(OSError):
        known.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
    with suppress(OSError):
        known.append(os.readlink("/proc/self/ns/pid"))  # noqa: PTH115 - no path
    return known


def claimed(folder: Path, silent_seconds: float) -> Path:
    """Put a claim into a folder, and wait until no other is alive, or withdraw.

    Args:
        folder: That is claimed.
        silent_seconds: After which an owner on another machine counts as gone.

    Returns:
        The path of the claim.

    Raises:
        LockedError: If a living process has one.
    """
    own = folder / f"{LOCK}-{uuid.uuid4().hex}"
    until = time.monotonic() + ASKING_SECONDS
    write_json(own, owner() | {"held": False})
    try:
        while others := _others(folder, own, silent_seconds):
            asked_first = all(own < path for path in others)
            holding = [one for one in others.values() if one.get("held") is not False]
            if holding or not asked_first or time.monotonic() > until:
                raise LockedError(told(folder, (holding or [*others.values()])[0]))
            time.sleep(ASKING_SECONDS / 100)
        write_json(own, owner() | {"held": True})
    except BaseException:
        own.unlink(missing_ok=True)
        raise
    return own


def _others(
    folder: Path, own: Path, silent_seconds: float
) -> dict[Path, dict[str, Any]]:
    """Read the claims of others that live; those of the dead are deleted."""
    found = {}
    for path in sorted(folder.glob(f"{LOCK}-*")):
        if path != own:
            other = read_object(path)
            if _lives(path, other, silent_seconds):
                found[path] = other
            else:
                path.unlink(missing_ok=True)
    return found


def _lives(path: Path, other: dict[str, Any], silent_seconds: float) -> bool:
    """Whether the owner that a claim names still works, as far as can be told."""
    pid = other.get("process")
    if other.get("machine") == _machine() and isinstance(pid, int):
        return is_running(pid, other.get("started"))
    try:
        return _gives_signs(path, silent_seconds)
    except FileNotFoundError:
        return False


def _gives_signs(path: Path, silent_seconds: float) -> bool:
    """Whether a claim's time stamp is young by the disk's clock, or moves."""
    signed = path.stat().st_mtime
    probe = path.with_name(f"{UNFINISHED}{uuid.uuid4().hex}")
    probe.touch()
    now = probe.stat().st_mtime
    probe.unlink()
    if 0 <= now - signed < silent_seconds:
        return True
    # It is old, or of a time to come: or the clock was set.
    until = time.monotonic() + 2 * BEAT_SECONDS
    while time.monotonic() < until:
        if path.stat().st_mtime != signed:
            return True
        time.sleep(BEAT_SECONDS / 10)
    return False


def beat(claim: Path | None, stop: threading.Event) -> None:
    """Give signs of life until told to stop; none without a claim."""
    while claim is not None and not stop.wait(BEAT_SECONDS):
        with suppress(OSError):
            os.utime(claim)


def told(folder: Path, by: dict[str, Any]) -> str:
    """Say who works on a folder, and what to do."""
    names = ("process", "host", "command", "since")
    process, host, command, since = (str(by.get(name))[:80] for name in names)
    who = (
        f"process {process} on {host} ({command}), since {since}"
        if by
        else "another process"
    )
    return (
        f"{folder} is being worked on by {who}; nothing was changed. Wait for it, or"
        " end it, then give the same command again"
    )
