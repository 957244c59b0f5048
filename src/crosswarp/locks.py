"""One process at a time works on a folder; a lock ends with its owner.

The system's own lock (``flock``) is held, which the kernel lets go of however the
process ends. Where a disk has none, or one that other machines do not see, claims
are made beside it (`crosswarp.claims`).
"""

import errno
import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from crosswarp.claims import LOCK, SILENT_SECONDS, beat, claimed, owner, told
from crosswarp.documents import read_object
from crosswarp.errors import LockedError
from crosswarp.files import remove_unfinished, storage_named

_UNSUPPORTED: Final = (
    *(errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS),
)
"""What file systems answer that have no locks."""

_LOCAL: Final = {"nolock", "localflock", "local_lock=all", "local_lock=flock", "nobrl"}
"""Options of mounted network disks whose locks other machines do not see."""


@dataclass
class _Held:
    """A lock of this process.

    Attributes:
        path: The lock's file.
        number: Of the open file that is locked; None where the disk has no locks.
        claim: File that speaks for this process; None where none is needed.
        inode: Of the folder, which a command may replace as a whole.
        thread: That holds it.
        pid: Of this process.
    """

    path: Path
    number: int | None
    claim: Path | None
    inode: int = 0
    thread: int = field(default_factory=threading.get_ident)
    pid: int = field(default_factory=os.getpid)

    def release(self) -> None:
        """Let go; in a forked child there is nothing to let go of."""
        if self.pid != os.getpid():
            return
        # A folder that was replaced as a whole may hold another's lock by now.
        if self.number is None or _same(self.path, self.number):
            with suppress(OSError):
                self.path.unlink()
        if self.claim is not None:
            with suppress(OSError):
                self.claim.unlink()
        if self.number is not None:
            os.close(self.number)


_held: Final[dict[Path, _Held]] = {}
"""By folder."""


def _forget() -> None:
    """Have a forked child close what it inherited: it would outlive the owner."""
    for held in _held.values():
        if held.number is not None:
            os.close(held.number)
    _held.clear()


os.register_at_fork(after_in_child=_forget)


@contextmanager
def locked(folder: Path, *, silent_seconds: float = SILENT_SECONDS) -> Iterator[None]:
    """Be the only process that works on a folder.

    The thread that holds it may take it again. What killed processes left half-written
    in the folder is deleted.

    An owner on this machine is asked for by its number and start, so neither a stopped
    process nor a clock that was set makes it seem gone. One on another machine, where
    the disk has no locks for both, renews the time stamp of its claim; it is gone when
    that is old, by the disk's own clock, and does not move while it is watched. One
    that was stopped for longer than that is told, when it goes on and ends, that it has
    lost the folder.

    Args:
        folder: Made when it is not there; one that was made and stayed empty is
            removed again.
        silent_seconds: After which an owner on another machine counts as gone.

    Raises:
        LockedError: If another process works on it; says which, where and since when.
        StorageError: If nothing can be written there.
    """
    place = folder.resolve()
    mine = _held.get(place)
    if mine is not None and mine.thread == threading.get_ident():
        yield
        return
    with storage_named(folder):
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        held = _taken(folder, silent_seconds)
    _held[place] = held
    stop = threading.Event()
    heart = threading.Thread(target=beat, args=(held.claim, stop), daemon=True)
    heart.start()
    try:
        remove_unfinished(folder)
        yield
        _require_kept(folder, held)
    finally:
        stop.set()
        heart.join()
        _held.pop(place, None)
        held.release()
        if made:
            with suppress(OSError):
                folder.rmdir()


def _taken(folder: Path, silent_seconds: float) -> _Held:
    path = folder / LOCK
    held = _Held(path, _flocked(path), None, folder.stat().st_ino)
    try:
        if held.number is None or _are_local(folder):
            held.claim = claimed(folder, silent_seconds)
        return held
    except BaseException:
        held.release()
        raise


def _flocked(path: Path) -> int | None:
    """Open and lock the file; whoever unlinks it meanwhile makes us try again.

    Returns:
        The number of the open file; None where the file system has no locks.
    """
    while True:
        number = _opened(path)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _same(path, number):
                _sign(number)
                return number
        except BlockingIOError:
            os.close(number)
            raise LockedError(told(path.parent, read_object(path))) from None
        except OSError as error:
            os.close(number)
            if error.errno in _UNSUPPORTED:
                return None
            raise
        os.close(number)


def _opened(path: Path) -> int:
    if path.is_symlink():
        # Nobody's lock: what it leads to would be written over.
        path.unlink()
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)


def _same(path: Path, number: int) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    ours = os.fstat(number)
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)


def _sign(number: int) -> None:
    os.ftruncate(number, 0)
    os.pwrite(number, (json.dumps(owner()) + "\n").encode(), 0)
    os.fsync(number)


def _are_local(folder: Path) -> bool:
    """Whether locks on a folder's disk may be seen by this machine alone."""
    place, found = folder.resolve(), (Path("/"), "", "")
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8", errors="replace")
    except OSError:
        return True
    for line in mounts.splitlines():
        _, mounted, kind, options, *_ = line.split(" ")
        root = Path(mounted.replace("\\040", " "))
        if place.is_relative_to(root) and root.is_relative_to(found[0]):
            found = root, kind, options
    _, kind, options = found
    return kind.startswith(("fuse.", "9p")) or bool(_LOCAL & set(options.split(",")))


def _require_kept(folder: Path, held: _Held) -> None:
    claimed_here = held.claim is not None and folder.exists()
    replaced = claimed_here and folder.stat().st_ino != held.inode
    if held.claim and claimed_here and not replaced and not held.claim.exists():
        msg = (
            f"while this process was stopped, another took {folder} over; give the same"
            " command again, which checks what is there"
        )
        raise LockedError(msg)
