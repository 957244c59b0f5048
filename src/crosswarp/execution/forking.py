"""Children by a fork server: heavy modules are loaded once, before they are forked."""

import multiprocessing
import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from typing import Final

import psutil

from crosswarp.errors import MachineError
from crosswarp.execution.child import THREAD_VARIABLES, run_task
from crosswarp.execution.temporary import base_folder, libraries_use

CONTEXT: Final = multiprocessing.get_context("forkserver")

# multiprocessing keeps one list of children, read and changed at each start and end:
# two threads at once lose exit codes.
LOCK: Final = threading.Lock()

_PRELOADED: Final[dict[str, None]] = {}

SERVER_GONE: Final = 255
"""Exit code that multiprocessing gives a child whose fork server was ended."""

_ENDING_SECONDS: Final = 5.0

_STARTS: Final = 3
"""Tries to start a child: the fork server may be ended while it is asked."""


def preload(modules: Sequence[str]) -> None:
    """Have heavy modules imported once, before the children are forked.

    To be called before the first child starts; later it has no effect.

    Args:
        modules: Names, added to those of earlier calls. What is not installed is
            passed over.
    """
    installed = [name for name in modules if find_spec(name.partition(".")[0])]
    with LOCK:
        _PRELOADED.update(dict.fromkeys(installed))
        CONTEXT.set_forkserver_preload(list(_PRELOADED))


def start_child(arguments: tuple[object, ...]) -> ForkServerProcess:
    """Start a child; a fork server that was ended is replaced."""
    for _ in range(_STARTS):
        try:
            # First, since a process takes over where the server has its sockets.
            _start_server()
            # Not a daemon: those may not have children, which data loaders start.
            process = CONTEXT.Process(target=run_task, args=arguments)
            process.start()
        except (EOFError, ConnectionError, FileNotFoundError):
            # Only when it has ended another is started.
            server_ends(_ENDING_SECONDS)
            continue
        return process
    msg = (
        "the process that starts all others was ended, again and again; often the"
        " machine has run out of memory. What is finished is kept: give the same"
        " command again"
    )
    raise MachineError(msg)


def server_ends(seconds: float) -> bool:
    """Whether the fork server is gone, or goes within a time.

    One that was killed is there for a moment: what it held in memory is given back
    first.
    """
    end = time.monotonic() + seconds
    while (lives := server_lives()) and time.monotonic() < end:
        time.sleep(0.02)
    return not lives


def server_lives() -> bool:
    """Whether the fork server of the children that are running is still there."""
    number = getattr(vars(forkserver)["_forkserver"], "_forkserver_pid", None)
    with suppress(psutil.Error):
        status = psutil.Process(number).status()
        return number is not None and status != psutil.STATUS_ZOMBIE
    return False


def _start_server() -> None:
    """Start the fork server on one thread a library.

    Libraries that are preloaded read these variables in it, before any child has
    its own; torch alone can be told later.
    """
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    try:
        with libraries_use(base_folder()):
            forkserver.ensure_running()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
