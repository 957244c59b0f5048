"""Disks that are full: a small one where mounting is allowed, and a limit of files."""

import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small_disk(place: Path, kb: int) -> Iterator[bool]:
    """Mount a disk in memory; yields False where that is not allowed."""
    place.mkdir(parents=True, exist_ok=True)
    mount = shutil.which("mount")
    command = [mount, "-t", "tmpfs", "-o", f"size={kb}k", "tmpfs", str(place)]
    if (
        mount is None
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@contextmanager
def files_limited(size: int) -> Iterator[None]:
    """Let no file of this process grow over a size, in bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
