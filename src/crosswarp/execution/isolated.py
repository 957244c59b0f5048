"""Run a piece of work in a process of its own: nothing it does stops the rest."""

import math
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from typing import Any, Final, Literal

import psutil

from crosswarp.execution.child import LOG, Answer
from crosswarp.execution.forking import (
    CONTEXT,
    LOCK,
    SERVER_GONE,
    preload,
    server_ends,
    start_child,
)
from crosswarp.execution.memory import BYTES_PER_MB
from crosswarp.execution.outcome import Outcome
from crosswarp.execution.temporary import new_folder, remove_folder
from crosswarp.execution.work import Work

__all__ = ["Child", "Outcome", "preload", "run_isolated"]

DETAIL_CHARACTERS: Final = 4000
"""Kept of the end of what a failed child printed."""

_MODULES: Final = "Extension modules:"
"""How `faulthandler` starts its list of compiled modules."""

_POLL_SECONDS: Final = 0.2
"""Between two looks at a child's memory."""

_LOOK_SECONDS: Final = 1.0
"""For the fork server to be seen to have ended, where a child ended with it."""

_GRACE_SECONDS: Final = 5.0
"""For a child that has answered to end by itself."""


def run_isolated(
    function: Callable[[Any], Any],
    argument: object,
    *,
    timeout_s: float | None = None,
    memory_mb: float | None = None,
    threads: int = 1,
) -> Outcome:
    """Call ``function(argument)`` in a child process and wait for it.

    The child dies with this process, and what it prints is kept from the terminal.
    Whatever happens in it is an outcome, not an exception.

    Args:
        function: Of a module's top level, so that it can be pickled.
        argument: Anything that can be pickled; so must be what is returned.
        timeout_s: Wall seconds after which the child is ended.
        memory_mb: Resident memory, in 10^6 bytes, above which it is ended.
        threads: That the child's numerical libraries may use.

    Example:
        >>> import math
        >>> run_isolated(math.sqrt, 9.0).value
        3.0
        >>> run_isolated(math.sqrt, -1.0).status
        'failed'
    """
    work = Work(function, timeout_s=timeout_s, memory_mb=memory_mb, threads=threads)
    child = Child(work, argument)
    try:
        while (outcome := child.look()) is None:
            wait(child.waitables, child.patience())
        return outcome
    finally:
        child.close()


class Child:
    """A running child process. The caller waits, looks, and closes it in the end.

    Args:
        work: Function and limits.
        argument: Of the function.
        on_news: Told, by `look`, of what the work tells.
    """

    def __init__(
        self,
        work: Work,
        argument: object,
        on_news: Callable[[str], None] | None = None,
    ) -> None:
        task = bytes(ForkingPickler.dumps((work.function, argument)))
        self._timeout_s = work.timeout_s
        self._memory_mb = work.memory_mb
        self._on_news = on_news
        self._most_mb = math.nan
        self._folder = new_folder("c-")
        self._started = time.monotonic()
        self._reader, writer = CONTEXT.Pipe(duplex=False)
        arguments = (task, writer, self._folder, work.threads)
        try:
            with LOCK, writer:
                self._process = start_child(arguments)
        except BaseException:
            self._reader.close()
            remove_folder(self._folder)
            raise

    @property
    def waitables(self) -> list[Connection | int]:
        """What `multiprocessing.connection.wait` wakes up for."""
        return [self._reader, self._process.sentinel]

    def patience(self) -> float | None:
        """Seconds until the next look is due though nothing woke us; None: never."""
        rests = []
        if self._timeout_s is not None:
            rests.append(max(0.0, self._timeout_s - self._seconds()))
        if self._memory_mb is not None:
            rests.append(_POLL_SECONDS)
        return min(rests, default=None)

    def look(self) -> Outcome | None:
        """Return how the work ended, or None while it goes on."""
        while self._reader.poll():
            try:
                message: Answer | str = self._reader.recv()
            except EOFError:
                return self._crashed()
            if isinstance(message, Answer):
                return self._answered(message)
            if self._on_news is not None:
                self._on_news(message)
        if wait([self._process.sentinel], 0) and not self._reader.poll():
            return self._crashed()
        if self._memory_mb is not None and self._resident_mb() > self._memory_mb:
            reason = (
                f"used {self._most_mb:.0f} MB, over the limit of {self._memory_mb:g} MB"
            )
            return self._ended("memory", reason)
        if self._timeout_s is not None and self._seconds() >= self._timeout_s:
            return self._ended("timeout", f"took longer than {self._timeout_s:g} s")
        return None

    def close(self) -> None:
        """End the child, with all it started, if it still runs."""
        self._kill()
        self._reader.close()
        remove_folder(self._folder)

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def _answered(self, answer: Answer) -> Outcome:
        seconds = self._seconds()
        with LOCK:
            self._process.join(_GRACE_SECONDS)
        detail = "" if answer.status == "ok" else f"{answer.detail}\n{self._printed()}"
        return Outcome(
            answer.status,
            answer.value,
            answer.reason,
            seconds,
            answer.peak_mb,
            detail.strip(),
        )

    def _crashed(self) -> Outcome:
        with LOCK:
            self._process.join(_GRACE_SECONDS)
        code = self._process.exitcode
        if code is not None and code < 0:
            reason = f"stopped by {signal.Signals(-code).name}"
            if -code == signal.SIGKILL:
                reason += "; often the machine has run out of memory"
        elif code == SERVER_GONE and server_ends(_LOOK_SECONDS):
            reason = "stopped with the process that starts all others, which was ended"
        else:
            reason = f"ended without an answer, exit code {code}"
        return self._ended("crash", reason)

    def _ended(
        self, status: Literal["crash", "timeout", "memory"], reason: str
    ) -> Outcome:
        seconds = self._seconds()
        self._kill()
        return Outcome(status, None, reason, seconds, self._most_mb, self._printed())

    def _kill(self) -> None:
        with LOCK:
            pid = self._process.pid
            if pid is not None and self._process.is_alive():
                # Before the child has made its own group there is only itself.
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
                self._process.kill()
            self._process.join()

    def _resident_mb(self) -> float:
        """Measure the child and all it started; 0 if it ended meanwhile."""
        resident = 0.0
        with suppress(psutil.Error):
            child = psutil.Process(self._process.pid)
            for process in (child, *child.children(recursive=True)):
                resident += process.memory_info().rss / BYTES_PER_MB
        self._most_mb = max(resident, self._most_mb)
        return resident

    def _printed(self) -> str:
        log = self._folder / LOG
        if not log.is_file():
            return ""
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        # A crash ends with the names of all compiled modules, hundreds of them, which
        # would push out the stack above that says where it was.
        told = [line for line in lines if not line.startswith(_MODULES)]
        return "\n".join(told)[-DETAIL_CHARACTERS:].strip()
