"""What the machine refuses, in one line: its disks, its memory, its open files."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from crosswarp.errors import CrosswarpError, StorageError
from crosswarp.machine import machine_status

AGAIN: Final = "then give the same command again"

_STORAGE: Final = {
    errno.ENOSPC: "no space is left; free some",
    errno.EDQUOT: "the quota is used up; free some space",
    errno.EFBIG: "a file grew over the limit of this machine; raise it",
    errno.EROFS: "the file system is read-only; choose another folder",
    errno.EACCES: "no permission to write; choose another folder",
    errno.EPERM: "no permission to write; choose another folder",
    errno.EIO: "the disk reports an input/output error; check it",
    errno.ESTALE: "the network file system has lost the folder; mount it again",
}
"""What the system says of a folder that takes no more, and what to do."""

_MACHINE: Final = {
    errno.ENOMEM: "the machine has too little memory free; free some",
    errno.EAGAIN: "no more processes may be started; raise `ulimit -u`",
    errno.EMFILE: "too many files are open; raise `ulimit -n`",
    errno.ENFILE: "too many files are open on this machine; close some",
}

_HALF_WRITTEN: Final = re.compile(
    r"\d+ requested and \d+ written|PytorchStreamWriter|unexpected pos \d+|"
    r"failed (writing|to write)|File \S+ cannot be opened"
)
"""How numpy, torch and others report a disk that took a part, without its number."""

_IN_WORDS: Final = re.compile(r"\bos error (\d+)|\bErrno (\d+)|\berrno = (\d+)")

_NO_THREAD: Final = (
    "no more threads may be started; free memory, or raise `ulimit -u` and `ulimit -v`"
)

_GB: Final = 1e9

_BLOCK: Final = bytes(1 << 20)


@contextmanager
def storage_named(folder: Path) -> Iterator[None]:
    """Turn the refusal to write of the system, or of a library, into one line.

    An error that names a file elsewhere, such as an input that cannot be read, is
    not the folder's and is passed on.

    Args:
        folder: Named in the line, with the disk that it lies on.

    Raises:
        StorageError: If the disk is full, over quota, read-only or broken.
    """
    try:
        yield
    except CrosswarpError:
        raise
    except Exception as error:
        what = _refusal(error, folder)
        if what is None:
            raise
        msg = f"{folder}{_disk(folder)}: {what}, {AGAIN}"
        raise StorageError(msg) from error


def machine_fault(error: BaseException) -> str | None:
    """Say in one line what the machine refused; None when it was something else.

    For what nobody nearer to the file has named.

    Args:
        error: That ended a command.

    Example:
        >>> machine_fault(OSError(24, "Too many open files"))
        'too many files are open; raise `ulimit -n`, then give the same command again'
        >>> machine_fault(ValueError("7"))
    """
    number = _number(error)
    if refused := _limit(error, number):
        return f"{refused}, {AGAIN}"
    if number not in _STORAGE:
        return None
    named = getattr(error, "filename", None)
    if not isinstance(named, str | bytes):
        return f"a disk of this machine: {_STORAGE[number]}, {AGAIN}"
    path = Path(os.fsdecode(named))
    if number in (errno.EACCES, errno.EPERM):
        return f"{path}: no permission; ask for it, {AGAIN}"
    return f"{path}{_disk(path)}: {_STORAGE[number]}, {AGAIN}"


def _limit(error: BaseException, number: int | None) -> str | None:
    """Say which limit that is no disk's was reached, and what helps."""
    status = machine_status(error)
    if status == "memory":
        return _MACHINE[errno.ENOMEM]
    if status == "machine" and isinstance(error, RuntimeError):
        return _NO_THREAD
    return None if number is None else _MACHINE.get(number)


def require_space(folder: Path, scans: int, scan_bytes: int) -> None:
    """Refuse to begin what the disk has no space for.

    Args:
        folder: Folder on that disk; it need not be there yet.
        scans: Number of scans to be written.
        scan_bytes: Bytes of each.

    Raises:
        StorageError: With what is needed, what is free, and how many scans fit.
    """
    place = folder.absolute()
    while not place.is_dir():
        place = place.parent
    needed, free = scans * scan_bytes, shutil.disk_usage(place).free
    if needed > free:
        msg = (
            f"{folder}{_disk(folder)}: the maps of {scans} scans need"
            f" {needed / _GB:.2f} GB, {free / _GB:.2f} GB are free, enough for"
            f" {free // scan_bytes}; free some, or put the folder on another disk,"
            f" {AGAIN}"
        )
        raise StorageError(msg)


def reserve(file: BinaryIO, size: int) -> None:
    """Take space on the disk for a file that is mapped into memory next.

    A mapped file without its space ends the process (SIGBUS) when the disk is full.

    Args:
        file: Open for writing; what it holds is kept, what is added is zeros.
        size: Bytes that it is to have.

    Raises:
        OSError: If the disk has less.
    """
    file.flush()
    if size == 0:
        return
    try:
        os.posix_fallocate(file.fileno(), 0, size)
    except OSError as error:
        # Some file systems can only be asked by writing.
        if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
            raise
        _fill(file, size)


def _fill(file: BinaryIO, size: int) -> None:
    left = size - file.seek(0, os.SEEK_END)
    while left > 0:
        left -= file.write(_BLOCK[:left])
    file.flush()
    os.fsync(file.fileno())


def _refusal(error: Exception, folder: Path) -> str | None:
    if isinstance(error, OSError) and not _concerns(error, folder):
        return None
    number = _number(error)
    if number is not None:
        return _STORAGE.get(number)
    if not _HALF_WRITTEN.search(str(error)):
        return None
    free = "unknown space"
    with suppress(OSError):
        free = f"{shutil.disk_usage(folder).free / 1e6:,.0f} MB"
    return f"a file could not be written whole ({free} free); free some space"


def _number(error: BaseException) -> int | None:
    """Find the system's number, also where a library kept it in words only."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    if found := _IN_WORDS.search(str(error)):
        return int(next(filter(None, found.groups())))
    # A permission in words may be that of anything.
    known = set(_STORAGE) | set(_MACHINE) - {errno.EAGAIN}
    known -= {errno.EACCES, errno.EPERM}
    return next((n for n in sorted(known) if os.strerror(n) in str(error)), None)


def _concerns(error: OSError, folder: Path) -> bool:
    """Whether an error is about a folder, what lies in it, or what it lies in."""
    if not isinstance(error.filename, str | bytes | os.PathLike):
        return True
    folder, named = folder.resolve(), Path(os.fsdecode(error.filename)).resolve()
    return named.is_relative_to(folder) or folder.is_relative_to(named)


def _disk(path: Path) -> str:
    """Name the disk that a path lies on, unless it is the system's own."""
    with suppress(OSError):
        place = path.resolve()
        while not place.is_mount():
            place = place.parent
        if place != place.parent:
            return f" (disk {place})"
    return ""
