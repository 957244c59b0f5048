"""The inside of a child process: settle in, do the work, send one answer."""

import ctypes
import faulthandler
import fcntl
import os
import pickle
import select
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Literal

from crosswarp.errors import CrosswarpError
from crosswarp.execution.memory import peak_mb
from crosswarp.execution.temporary import work_in
from crosswarp.files import printable
from crosswarp.machine import MachineStatus, machine_status

THREAD_VARIABLES: Final = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
)
"""What numerical libraries read to know how many threads they may use."""

_PR_SET_PDEATHSIG: Final = 1  # from linux/prctl.h
LOG: Final = "log"
"""File of a child's own folder that takes what it prints."""

NEWS_CHARACTERS: Final = 300
"""Most of a piece of news: it is one line for a person, and a pipe takes it whole."""


_writers: Final[list[Connection]] = []
"""Where this process answers; empty when it is nobody's child."""


@dataclass(frozen=True)
class Answer:
    """What a child sends to its parent."""

    status: Literal["ok", "failed"] | MachineStatus
    value: Any
    reason: str
    detail: str
    peak_mb: float


def run_task(task: bytes, writer: Connection, folder: Path, threads: int) -> None:
    """Do one task and send its answer.

    Args:
        task: Pickled function and argument. Unpickled here, so that what cannot be
            imported is an answer too.
        writer: Takes one `Answer`.
        folder: Its own: for `LOG`, which takes all that the work prints, and for all
            files that libraries call temporary.
        threads: That numerical libraries may use.
    """
    _die_with_parent()
    _writers.append(writer)
    try:
        _print_to(folder / LOG)
        work_in(folder)
        _use_threads(threads)
    except OSError as error:  # a full or read-only temporary folder
        writer.send(_refusal(error))
        return
    answer = _answer(task)
    try:
        writer.send(answer)
    except Exception as error:  # noqa: BLE001 - pickling raises anything
        reason = f"the result cannot be sent back: {one_line(error)}"
        writer.send(
            Answer("failed", None, reason, traceback.format_exc(), answer.peak_mb)
        )


def tell(news: str) -> None:
    """Tell whoever started this process how far the work is.

    For work that takes long, from any one thread. In a process that was not started
    by `crosswarp.execution` it does nothing.

    Args:
        news: A few words, such as ``epoch 3 of 20, validation AUC 0.81``.
    """
    for writer in _writers:
        with suppress(OSError):  # the listener is gone; the kernel ends us next
            writer.send(" ".join(news.split())[:NEWS_CHARACTERS])


def one_line(error: BaseException) -> str:
    """Return an exception's message on one line, with its type when it is not ours."""
    message = printable(" ".join(str(error).split()))
    if isinstance(error, CrosswarpError):
        return message
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def _answer(task: bytes) -> Answer:
    try:
        function: Callable[[Any], Any]
        # Bytes that our own parent process made a moment ago.
        function, argument = pickle.loads(task)  # noqa: S301
        return Answer("ok", function(argument), "", "", peak_mb())
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the point of a child
        return _refusal(error)


def _refusal(error: BaseException) -> Answer:
    detail = "".join(traceback.format_exception(error))
    status = machine_status(error) or "failed"
    return Answer(status, None, one_line(error), detail, peak_mb())


def _print_to(log: Path) -> None:
    """Send what Python and C++ print to a file, a crash's Python traceback included."""
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    faulthandler.enable(2)


def _die_with_parent() -> None:
    """Have the kernel end this process, whatever it computes, when its parent is gone.

    The child's system parent is multiprocessing's fork server, which outlives the
    process that asked for the work as long as a child runs. So two signals are set:
    one for the death of the server, one for the closing of the pipe whose other end
    only the asking process holds. Both work while a library holds Python's lock.
    """
    os.setpgid(0, 0)  # a group of its own: Ctrl-C reaches the parent alone
    with suppress(AttributeError):  # only Linux has it
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = parent_process()
    if parent is None:
        return
    pipe = parent.sentinel
    signal.signal(signal.SIGIO, signal.SIG_DFL)  # which is to end the process
    fcntl.fcntl(pipe, fcntl.F_SETOWN, -os.getpgrp())
    flags = fcntl.fcntl(pipe, fcntl.F_GETFL)
    fcntl.fcntl(pipe, fcntl.F_SETFL, flags | os.O_ASYNC)
    if select.select([pipe], [], [], 0)[0]:  # it was gone before
        os.kill(os.getpid(), signal.SIGKILL)


def _use_threads(threads: int) -> None:
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(threads)))
    # Loaded before the fork, torch has already read the variables.
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)
