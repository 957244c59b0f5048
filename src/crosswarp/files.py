"""Files that are whole or not there, and fingerprints to tell whether to redo them."""

import errno
import glob
import hashlib
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unicodedata import category

from crosswarp.disks import storage_named as storage_named

FINGERPRINT_LENGTH = 16
"""Hexadecimal digits kept of a SHA-256: 64 bits, enough to distinguish runs."""

UNFINISHED = ".part-"
"""Start of the names of files and folders that are being written."""

ANOTHER_MACHINE_SECONDS = 86_400.0
"""How long what another machine left half-written is taken for work of its."""

SEEN_SECONDS = 30.0
"""How long a file that was renamed may take to be seen under its new name."""

_DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters that turn the direction of what follows."""


_LOOK_SECONDS = 0.05


def printable(text: str) -> str:
    r"""Make text that any table, JSON file, log and terminal takes, on one line.

    File names need not be UTF-8, and may hold tabs and ends of lines.

    Args:
        text: Anything, such as a path as Python has it (``surrogateescape``).

    Returns:
        The text; bytes that are not UTF-8, control characters and those that turn the
        direction of writing as escapes.

    Example:
        >>> printable("caf\udce9\t.nii")
        'caf\\xe9\\t.nii'
    """
    try:
        stored = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        stored = text.encode("utf-8", "backslashreplace")
    decoded = stored.decode("utf-8", "backslashreplace")
    return "".join(repr(c)[1:-1] if _is_code(c) else c for c in decoded)


def _is_code(character: str) -> bool:
    """Whether a terminal or an editor would carry a character out."""
    return category(character) in ("Cc", "Zl", "Zp") or character in _DIRECTIONS


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary name beside ``path`` and rename it when the block succeeds.

    The suffixes are kept, since NIfTI and figure writers choose by them. What was
    written is on the disk, and not only in the machine's memory, before it is renamed.

    Args:
        path: Final name. Its folder is made when it is not there.

    Yields:
        The name to write to.

    Raises:
        StorageError: If the disk is full, over quota, read-only or broken.
    """
    with storage_named(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = _temporary(path)
        remove_unfinished(path.parent, path.name)
        try:
            yield temporary
            _to_disk(temporary)
            temporary.replace(path)
            _wait_for(path)
            _to_disk(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, that may be there already.

    Args:
        path: Name of the folder.

    Raises:
        StorageError: If the disk is full, over quota, read-only or broken.
    """
    with storage_named(path):
        path.mkdir(parents=True, exist_ok=True)


@contextmanager
def written_folder(path: Path, *, kept: bool = True) -> Iterator[Path]:
    """Give a temporary folder beside ``path`` that takes its place on success.

    Args:
        path: Final name; an older folder of that name is replaced.
        kept: Whether it outlives the machine's next power cut: everything is on the
            disk before it is renamed. Not for what is deleted at the end of a run.

    Yields:
        The folder to write into.

    Raises:
        StorageError: If the disk is full, over quota, read-only or broken.
    """
    with storage_named(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary, older = _temporary(path), _temporary(path, "older-")
        remove_unfinished(path.parent, path.name)
        for left in (temporary, older):
            shutil.rmtree(left, ignore_errors=True)
        temporary.mkdir()
        try:
            yield temporary
            if kept:
                for written in sorted(temporary.rglob("*")):
                    _to_disk(written)
                _to_disk(temporary)
            if path.is_symlink() or path.is_file():
                code = errno.ENOTDIR
                raise NotADirectoryError(code, os.strerror(code), str(path))
            if path.exists():
                # Deleting takes time, and a folder that is half deleted has the name.
                path.replace(older)
            temporary.replace(path)
            _wait_for(path)
            _to_disk(path.parent)
        finally:
            for left in (temporary, older):
                shutil.rmtree(left, ignore_errors=True)


def remove_unfinished(folder: Path, of: str = "") -> list[Path]:
    """Delete what killed processes left half-written in a folder.

    Args:
        folder: Looked into, but not below. May be absent.
        of: Final name of what is looked for, where the folder is the user's own and
            others may write in it; whatever there is when empty.

    Returns:
        What was deleted. Files of a process that still runs on this machine are kept,
        and those of another machine for a day, since nobody here can ask it.
    """
    names = f"{UNFINISHED}*-{glob.escape(of)}" if of else f"{UNFINISHED}*"
    left = sorted(folder.glob(names)) if folder.is_dir() else []
    gone = [path for path in left if not _is_being_written(path)]
    for path in gone:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return gone


def delete_folder(folder: Path) -> None:
    """Delete a folder, so that one deleted by half is never taken for a whole one.

    It is renamed first: `remove_unfinished` deletes what a killed process left of it.
    """
    gone = _temporary(folder, "deleted-")
    try:
        folder.rename(gone)
    except OSError:
        gone = folder
    shutil.rmtree(gone, ignore_errors=True)


def _is_being_written(path: Path) -> bool:
    ours = f"{UNFINISHED}{socket.gethostname()}-"
    pid, _, start = path.name.removeprefix(ours).partition("-")[0].partition(".")
    if path.name.startswith(ours) and pid.isdigit():
        return is_running(int(pid), start or None)
    try:
        changed = path.lstat().st_mtime
    except FileNotFoundError:
        return False
    return time.time() - changed < ANOTHER_MACHINE_SECONDS


def started(pid: int) -> str | None:
    """When a process of this machine started, in the kernel's ticks since its start.

    Unlike the time of day nothing sets it back, and two processes that had the same
    number one after the other differ in it.

    Returns:
        None when there is no such process (or only what is left of one that ended),
        or the system does not say.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name of the program, in brackets, may hold anything.
    state, *rest = text.rpartition(")")[2].split()
    return None if state in "ZX" else rest[18]


def is_running(pid: int, start: str | None) -> bool:
    """Whether a process of this machine still runs.

    Args:
        pid: Number of the process.
        start: As `started` gave it, lest another process with this number be taken
            for it; None when that is not known.
    """
    now = started(pid)
    if now is not None:
        return start in (None, now)
    if Path("/proc/self/stat").exists():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _temporary(path: Path, role: str = "") -> Path:
    """Name a file or folder that no other process writes, on whatever machine."""
    start = started(os.getpid())
    process = f"{os.getpid()}.{start}" if start else f"{os.getpid()}"
    owner = f"{socket.gethostname()}-{process}"
    return path.with_name(f"{UNFINISHED}{owner}-{role}{path.name}")


def _wait_for(path: Path) -> None:
    """Wait until a renamed file is seen: some network disks show it later."""
    until = time.monotonic() + SEEN_SECONDS
    while not path.exists():
        if time.monotonic() > until:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), str(path))
        time.sleep(_LOOK_SECONDS)


def _to_disk(path: Path) -> None:
    """Have the system write a file, or the names in a folder, to the disk."""
    if path.is_symlink():
        return
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError as error:
        # Some network file systems cannot do it for folders.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(number)


def write_json(path: Path, value: object) -> None:
    """Write ``value`` as sorted, indented JSON, whole or not at all."""
    text = json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n"
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def fingerprint(*parts: object) -> str:
    """Digest JSON-like values, so that equal inputs and settings give equal text.

    Args:
        *parts: Numbers, text, lists and dictionaries. A path is refused: what
            counts is what the file holds (`file_digest`), not where it lies.

    Example:
        >>> fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
        True
    """
    text = json.dumps(parts, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:FINGERPRINT_LENGTH]


def file_digest(path: Path) -> str:
    """Digest the bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:FINGERPRINT_LENGTH]
