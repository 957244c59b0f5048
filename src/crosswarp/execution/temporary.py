"""Temporary files: none outlives the process that it was for, however that ends.

Unpacked examinations have people's names in them. So each process has one folder for
all that is temporary, its children's included. A process of its own, which waits for
the end of this one, deletes the folder when nothing else could: after SIGKILL, too.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Final

from crosswarp.errors import StorageError
from crosswarp.files import storage_named

PREFIX: Final = "crosswarp-"
"""Start of the names of these folders."""

_OWNER: Final = "owner"
"""File in such a folder that its process holds locked while it lives."""

_TRIES, _REST_SECONDS = 50, 0.1
"""For a folder in which a process that is just ending still writes."""

_LONGEST_FOR_SOCKETS: Final = 75
"""Bytes of a folder's name: ``/pymp-xxxxxxxx/listener-xxxxxxxx`` comes behind it."""

_VARIABLES: Final = ("TMPDIR", "TMP", "TEMP")

_JANITOR: Final = f"""
import _signal, sys
for number in (1, 2, 15):
    _signal.signal(number, _signal.SIG_IGN)
sys.stdin.buffer.read()
import os, shutil, time
for _ in range({_TRIES}):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    if not os.path.lexists(sys.argv[1]):
        break
    time.sleep({_REST_SECONDS})
"""
"""Waits for the end of its standard input, whose other end one process alone holds."""

_LOCK: Final = threading.Lock()


@dataclass(frozen=True)
class _Base:
    """A process's folder, and who deletes it; nobody here where that is the parent."""

    process: int
    folder: Path
    janitor: "subprocess.Popen[bytes] | None" = None


_bases: Final[list[_Base]] = []


def base_folder() -> Path:
    """Return this process's folder for temporary files; made at the first call.

    Raises:
        StorageError: If there is no room for it.
    """
    with _LOCK:
        known = [base for base in _bases if base.process == os.getpid()]
        if not known:
            # Those of a process that this one was forked from are not ours to delete.
            _bases[:] = known = [_begun()]
        return known[0].folder


def new_folder(name: str) -> Path:
    """Make a folder for temporary files.

    Args:
        name: Start of its name.

    Raises:
        StorageError: If there is no room for it.
    """
    base = base_folder()
    with storage_named(base):
        return Path(tempfile.mkdtemp(prefix=name, dir=base))


@contextmanager
def temporary_folder(name: str) -> Iterator[Path]:
    """Give a folder that is deleted with what is in it.

    Args:
        name: Start of its name.

    Raises:
        StorageError: If there is no room for it, or for what is written to it.
    """
    folder = new_folder(name)
    try:
        with storage_named(folder):
            yield folder
    finally:
        remove_folder(folder)


def remove_folder(folder: Path) -> None:
    """Delete a folder in which a process that was ended may still write a moment."""
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(_REST_SECONDS)


def work_in(folder: Path) -> None:
    """Have all temporary files of this process in a folder that its parent deletes.

    Args:
        folder: Of this process alone.
    """
    os.environ.update(dict.fromkeys(_VARIABLES, str(folder)))
    tempfile.tempdir = str(folder)
    _bases[:] = [_Base(os.getpid(), folder)]


@contextmanager
def libraries_use(folder: Path) -> Iterator[None]:
    """Have libraries make their temporary files in a folder, as long as the block runs.

    Args:
        folder: Such as `base_folder`. A long name is left to the libraries: sockets
            are among the files, whose names may have 107 bytes.
    """
    before = tempfile.tempdir
    if len(os.fsencode(folder)) <= _LONGEST_FOR_SOCKETS:
        tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _begun() -> _Base:
    try:
        place = Path(tempfile.gettempdir())
        _sweep(place)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        number = os.open(folder / _OWNER, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        msg = (
            f"no folder for temporary files can be made ({error.strerror}); free some"
            " space, or name another place in TMPDIR"
        )
        raise StorageError(msg) from error
    with suppress(OSError):  # a file system without locks: nobody sweeps there
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    command = [sys.executable, "-I", "-S", "-c", _JANITOR, str(folder)]
    janitor = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        # Ctrl-C in the terminal is not for it.
        start_new_session=True,
    )
    base = _Base(os.getpid(), folder, janitor)
    # After those of multiprocessing, whose folder lies in ours. It runs at the end of
    # processes of multiprocessing, too, where `atexit` does not.
    Finalize(None, _end, args=(base,), exitpriority=-200)
    return base


def _end(base: _Base) -> None:
    """Delete the folder at the end of its process, and let the janitor go."""
    if base.process != os.getpid() or base.janitor is None:
        return
    shutil.rmtree(base.folder, ignore_errors=True)
    with suppress(OSError, subprocess.TimeoutExpired):
        base.janitor.communicate(timeout=_TRIES * _REST_SECONDS)


def _sweep(place: Path) -> None:
    """Delete the folders of processes that are gone, with their janitors: a reboot."""
    with suppress(OSError):
        for entry in os.scandir(place):
            if entry.name.startswith(PREFIX) and _is_left(Path(entry.path)):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    """Whether a folder is one of ours whose process has ended."""
    try:
        number = os.open(folder / _OWNER, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        mine = os.fstat(number).st_uid == os.getuid()
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(number)
    return mine
