"""What is dear to make: made by one of pytest's processes, for all of them."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]
) -> Path:
    """Let one process make a folder, and the others wait for it.

    Args:
        factory: Of pytest's temporary folders.
        name: Of the folder.
        make: Fills the folder, which is empty.

    Returns:
        The folder, which tests only read.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # each worker has a folder of its own in that of the run
    folder, done = base / name, base / f"{name}.done"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if not done.is_file():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                done.touch()
        finally:
            # Said, since a process that was forked meanwhile has the file open, too.
            fcntl.flock(lock, fcntl.LOCK_UN)
    return folder


def copy_of_made(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]
) -> Path:
    """Copy what one process makes, as `made_once`, for tests that write into it."""
    kept = made_once(factory, name, make)
    own = factory.mktemp("own") / name
    shutil.copytree(kept, own)
    return own


def ready_head(factory: pytest.TempPathFactory, name: str) -> Path:
    """Make a real head of a package ready.

    Returns:
        Root of a cohort without participants, whose head tests only read.
    """
    # Imported here, so that tests without heads do not wait for its libraries.
    from crosswarp.simulation.dataset import truth_folder
    from crosswarp.simulation.heads import label_head

    return made_once(
        factory, f"head-{name}", lambda root: label_head(name, truth_folder(root))
    )
