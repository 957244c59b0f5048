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
def read_only_disk(place: Path) -> Iterator[bool]:
    """Make a folder that is there read-only; yields False where that is not allowed."""
    mount = shutil.which("mount")
    folder = str(place)
    calls = [
        [mount, "--bind", folder, folder],
        [mount, "-o", "remount,bind,ro", folder],
    ]
    done = []
    for call in calls if mount else ():
        done.append(subprocess.run(call, capture_output=True, check=False).returncode)
        if done[-1]:
            break
    try:
        yield bool(done) and not any(done)
    finally:
        if done and done[0] == 0:
            subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def files_limited(size: int) -> Iterator[None]:
    """Let no file of this process grow over a size, in bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
