"""One piece of work on a Dask worker: in a child process, never in the worker itself.

A library that holds Python's lock for minutes would silence the worker, and Dask ends
silent workers; a crash would take it down, with all it knows.
"""

import multiprocessing
import socket
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Final

from distributed import Reschedule, Status, Worker, get_worker

from crosswarp.execution.isolated import Child, Outcome, preload
from crosswarp.execution.work import Work, call_in_folder

_LOOK_SECONDS: Final = 1.0
"""Between two looks whether the answer is still wanted."""

_MAINS: Final = ("distributed.cli.dask_worker", "dask.__main__")
"""What a worker's process was started with: every child imports it again, which takes
a second unless it is loaded before the fork."""

_ENDING: Final = {Status.closing, Status.closed, Status.failed}

_WANTED: Final = {"executing", "long-running", "resumed"}
"""States of a task in a worker that somebody waits for."""


@dataclass(frozen=True)
class Order:
    """One piece, as it is sent to a worker.

    Attributes:
        name: Of the piece.
        work: Function and limits.
        argument: Of the function.
        folder: Where the sender is; relative paths in the argument are from there.
        shared: A folder of the output: a worker that has it not is on no shared disk.
        topic: Of Dask's events, for news.
        version: Of the sender's crosswarp.
    """

    name: str
    work: Work
    argument: Any
    folder: Path
    shared: Path
    topic: str
    version: str


def run_order(order: Order) -> Outcome:
    """Do one piece in a child process of this worker.

    Raises:
        Reschedule: If nobody waits for it any more, or the worker has to end.
    """
    refusal = _refusal(order)
    if refusal:
        reason = f"{refusal} (worker on {socket.gethostname()})"
        return Outcome("lost", None, reason, 0.0, 0.0)
    worker = get_worker()
    # Under a nanny the worker is a daemon, which multiprocessing lets have no
    # children, lest they outlive it. Ours end with it: the kernel sees to that.
    multiprocessing.current_process().daemon = False
    preload((*order.work.preloaded, *_MAINS))
    child = Child(
        replace(order.work, function=call_in_folder),
        (order.folder, order.work.function, order.argument),
        partial(_pass_on, worker, order),
    )
    key = worker.get_current_task()
    try:
        while (outcome := child.look()) is None:
            if not _is_wanted(worker, key):
                raise Reschedule
            patience = child.patience()
            rest = _LOOK_SECONDS if patience is None else min(patience, _LOOK_SECONDS)
            wait(child.waitables, rest)
        return outcome
    finally:
        child.close()


def _refusal(order: Order) -> str:
    here = version("crosswarp")
    if here != order.version:
        return (
            f"the worker has crosswarp {here}, it was asked by {order.version};"
            " install the same version everywhere"
        )
    for folder in (order.folder, order.shared):
        if not folder.is_dir():
            return (
                f"the worker has no folder {folder}; input, output and working folder"
                " must lie on a disk that all machines share"
            )
    return ""


def _pass_on(worker: Worker, order: Order, news: str) -> None:
    worker.log_event(order.topic, [order.name, news])


def _is_wanted(worker: Worker, key: object) -> bool:
    task = worker.state.tasks.get(key)
    return worker.status not in _ENDING and task is not None and task.state in _WANTED
