"""Dask workers that are there already, or that are started on this machine."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import dask
from distributed import Client, LocalCluster
from distributed.security import Security

from crosswarp.errors import InputError

LOG: Final = "dask.log"
"""What Dask itself says, in the folder for logs."""

_LOGGERS: Final = (
    *("distributed", "distributed.client", "bokeh", "tornado", "tornado.application"),
)

SCHEDULER_SETTINGS: Final = {
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.allowed-failures": 3,
    "distributed.scheduler.http.routes": [],
}
"""Of schedulers that we start: no queues on workers, how many lost workers a piece may
meet, and no pages for whoever finds the port."""

NO_PAGES: Final = "127.0.0.1:0"
"""Where Dask serves them; a server of web pages it starts in any case."""

CONNECT_SECONDS: Final = 30


@dataclass(frozen=True)
class FixedWorkers:
    """Workers that somebody else looks after.

    It follows `crosswarp.execution.dask_engine.Site`.

    Attributes:
        client: Connected to their scheduler.
    """

    client: Client

    def keep(self, answered: int, left: int) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class RunningScheduler:
    """A Dask scheduler that was started by hand, with its workers.

    Its security is that of Dask's own configuration.

    Attributes:
        address: Such as ``tcp://host:8786``, or none.
        file: As ``dask scheduler --scheduler-file`` writes it, or none.
    """

    address: str | None = None
    file: Path | None = None

    @contextmanager
    def __call__(self, logs: Path, pieces: int) -> Iterator[FixedWorkers]:
        """Connect.

        Args:
            logs: Folder for logs.
            pieces: Pieces of the work.

        Raises:
            InputError: If nothing answers there.
        """
        del pieces
        place: dict[str, Any] = {"address": self.address}
        if self.file is not None:
            place = {"scheduler_file": str(self.file)}
        with dask_log(logs):
            try:
                client = Client(**place, timeout=CONNECT_SECONDS, set_as_default=False)
            except (OSError, TimeoutError, ValueError) as error:
                where = self.file or self.address
                msg = f"no Dask scheduler answers at {where} ({error}); is it running?"
                raise InputError(msg) from error
            with client:
                yield FixedWorkers(client)


@dataclass(frozen=True)
class LocalWorkers:
    """A scheduler and workers of this machine, which only this user can reach.

    Attributes:
        workers: How many, of one core each.
    """

    workers: int

    @contextmanager
    def __call__(self, logs: Path, pieces: int) -> Iterator[FixedWorkers]:
        """Start them, and end them afterwards.

        Args:
            logs: Folder for logs.
            pieces: Of work; no more workers are started.
        """
        with (
            dask_log(logs),
            dask.config.set(SCHEDULER_SETTINGS),
            LocalCluster(
                n_workers=min(self.workers, pieces),
                threads_per_worker=1,
                memory_limit=0,
                host="127.0.0.1",
                dashboard_address=NO_PAGES,
                worker_dashboard_address=NO_PAGES,
                scheduler_kwargs={"dashboard": False},
                security=Security.temporary(),
                silence_logs=logging.ERROR,
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield FixedWorkers(client)


@contextmanager
def dask_log(logs: Path) -> Iterator[None]:
    """Send what Dask says in this process to a file instead of the terminal.

    Args:
        logs: Folder of the logs.
    """
    # Dask gives several of them a way to the terminal of its own.
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(logger.handlers, logger.propagate) for logger in loggers]
    handler = logging.FileHandler(logs / LOG, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    for logger in loggers:
        logger.handlers, logger.propagate = [handler], False
    try:
        yield
    finally:
        for logger, (handlers, propagate) in zip(loggers, before, strict=True):
            logger.handlers, logger.propagate = handlers, propagate
        handler.close()
