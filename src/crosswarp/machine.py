"""Whose fault an error is: the machine's, for now, or that of what was read.

The same command tries again what the machine had the fault of. What is wrong with a
scan stays so, and is not tried again unasked. All that tells the two apart is here.
"""

import errno
import signal
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from crosswarp.errors import MachineError, MissingPackageError, StorageError

MachineStatus: TypeAlias = Literal["memory", "disk", "machine"]
"""``memory``: too little; ``disk``: nothing could be written; ``machine``: a file out
of reach for now, a lost GPU, a missing program or package, too few files or processes
allowed."""

_DISK: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})

_OUT_OF_REACH: Final = frozenset(
    {
        errno.ENOENT,
        errno.EACCES,
        errno.EPERM,
        errno.EIO,
        errno.ENXIO,
        errno.ENODEV,
        errno.ESTALE,
        errno.ETIMEDOUT,
        errno.EREMOTEIO,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENOTCONN,
        errno.ECONNRESET,
        errno.EAGAIN,
        errno.EBUSY,
        errno.EMFILE,
        errno.ENFILE,
    }
)
"""What the system answers where a disk, a network or a limit is in the way."""

_MEMORY: Final = (
    "bad_alloc",
    "bad allocation",
    "out of memory",
    "not enough memory",
    "allocate memory",
    "failed to allocate",
    "unable to allocate",
    "memory allocation",
)
"""Words of libraries that have no error of their own for too little memory."""

_NO_GPU: Final = (
    "cuda error",
    "cuda unknown error",
    "cuda driver",
    "cudagetdevicecount",
    "no cuda gpus are available",
    "hip error",
    "cudnn error",
    "nccl error",
)
"""What torch says of a GPU that has vanished, is reset, or gives wrong answers."""

_OURS_ON_A_GPU: Final = ("device-side assert", "illegal memory access")
"""Faults of a program that a GPU reports in the same words: they stay."""

_NO_THREAD: Final = ("can't start new thread", "resource temporarily unavailable")


def machine_status(error: BaseException) -> MachineStatus | None:
    """Tell whether an error is the machine's fault, by it and all that it came from.

    An error that was put into our words keeps its cause (``raise … from …``), and is
    judged by that, too.

    Args:
        error: Anything that was raised.

    Returns:
        The status under which it is tried again; None for a fault of the input.

    Example:
        >>> machine_status(RuntimeError("std::bad_alloc"))
        'memory'
        >>> machine_status(ValueError("no image")) is None
        True
    """
    found = {_of_one(each) for each in _chain(error)}
    order: tuple[MachineStatus, ...] = ("memory", "disk", "machine")
    return next((status for status in order if status in found), None)


def ended_by_machine(exit_code: int) -> bool:
    """Whether a program was ended from outside, as when the memory has run out."""
    return exit_code in (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGXCPU)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error, and those that it was raised from."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__


def _of_one(error: BaseException) -> MachineStatus | None:
    said = str(error).lower()
    if isinstance(error, MemoryError) or _is_about_memory(error, said):
        return "memory"
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, StorageError) or number in _DISK:
        return "disk"
    no_thread = isinstance(error, RuntimeError) and any(t in said for t in _NO_THREAD)
    ours = isinstance(error, MachineError | MissingPackageError)
    known = ours or no_thread or _is_about_gpu(error, said)
    return "machine" if known or number in _OUT_OF_REACH else None


def _is_about_gpu(error: BaseException, said: str) -> bool:
    """Whether a GPU was lost, as torch says it: in words, of a RuntimeError."""
    own = any(words in said for words in _OURS_ON_A_GPU)
    lost = any(words in said for words in _NO_GPU)
    return isinstance(error, RuntimeError) and lost and not own


def _is_about_memory(error: BaseException, said: str) -> bool:
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    may_say = isinstance(error, RuntimeError | ImportError | OSError)
    return may_say and any(text in said for text in _MEMORY)
