"""Work on Dask workers: a few pieces at a time, each in a process of its own."""

import queue
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from distributed import Client, Future, KilledWorker

from crosswarp.errors import IncompleteError
from crosswarp.execution.child import one_line
from crosswarp.execution.dask_worker import Order, run_order
from crosswarp.execution.engine import Hear, hear_nothing
from crosswarp.execution.logs import collect
from crosswarp.execution.outcome import Outcome
from crosswarp.execution.work import Work

_PATIENCE_SECONDS: Final = 1.0
"""Between two looks at the workers while nothing is heard."""


@runtime_checkable
class Site(Protocol):
    """Workers, and the way to them."""

    @property
    def client(self) -> Client:
        """Connected to their scheduler."""
        ...

    def keep(self, answered: int, left: int) -> None:
        """Replace workers that were lost, let go those that are not needed.

        Args:
            answered: Pieces so far, which says that workers can work.
            left: Pieces that are not answered yet.

        Raises:
            IncompleteError: If it is hopeless.
        """
        ...


@dataclass(frozen=True)
class DaskEngine:
    """Workers of a Dask scheduler. It follows `crosswarp.execution.engine.Engine`.

    No more pieces are handed out than can run at once, so that a lost worker takes
    with it only what it was doing; that is done again elsewhere, a few times. What is
    answered is never done again.

    Attributes:
        connect: Opens the way to the workers; given the folder for logs and the number
            of pieces.
        memory_mb: Most that a piece may use; the work's own limit holds too.
        timeout_s: Most seconds that it may take; the work's own limit holds too.
    """

    connect: Callable[[Path, int], AbstractContextManager[Site]]
    memory_mb: float | None = None
    timeout_s: float | None = None

    def run(
        self,
        work: Work,
        pieces: Mapping[str, Any],
        *,
        logs: Path,
        on_done: Callable[[str, Outcome], None],
        on_news: Hear = hear_nothing,
    ) -> dict[str, Outcome]:
        """Call the work's function on every piece, in child processes of workers."""
        if not pieces:
            return {}
        logs = logs.absolute()
        logs.mkdir(parents=True, exist_ok=True)
        limited = replace(
            work,
            memory_mb=_least(work.memory_mb, self.memory_mb),
            timeout_s=_least(work.timeout_s, self.timeout_s),
        )
        with (
            self.connect(logs, len(pieces)) as site,
            closing(_Desk(site, limited, logs, on_news)) as desk,
        ):
            outcomes = collect(desk.answers(pieces), logs, on_done)
        return {name: outcomes[name] for name in pieces}


class _Desk:
    """Hands pieces out and takes answers in, on one thread.

    Dask calls back on threads of its own; what they say is queued.
    """

    def __init__(self, site: Site, work: Work, logs: Path, on_news: Hear) -> None:
        self._site = site
        self._work = work
        self._logs = logs
        self._on_news = on_news
        self._run = f"crosswarp-{uuid.uuid4().hex}"
        self._heard: queue.SimpleQueue[str | list[str]] = queue.SimpleQueue()
        self._running: dict[str, tuple[str, Future]] = {}
        site.client.subscribe_topic(self._run, lambda event: self._heard.put(event[1]))

    def answers(self, pieces: Mapping[str, Any]) -> Iterator[tuple[str, Outcome]]:
        """Give each outcome as it comes."""
        waiting = deque(pieces.items())
        answered = 0
        while waiting or self._running:
            self._site.keep(answered, len(waiting) + len(self._running))
            self._hand_out(waiting)
            try:
                heard = self._heard.get(timeout=_PATIENCE_SECONDS)
            except queue.Empty:
                continue
            if isinstance(heard, str):
                name, future = self._running.pop(heard)
                outcome = _outcome(future)
                future.release()
                answered += 1
                yield name, outcome
            else:
                self._on_news(*heard)

    def close(self) -> None:
        """Give up what is still running; the workers end its processes."""
        client = self._site.client
        if client.status == "running":
            client.cancel([future for _, future in self._running.values()])
            client.unsubscribe_topic(self._run)

    def _hand_out(self, waiting: deque[tuple[str, Any]]) -> None:
        if not waiting:
            return
        room = sum(self._site.client.nthreads().values()) - len(self._running)
        for _ in range(min(room, len(waiting))):
            name, argument = waiting.popleft()
            key = f"{self._run}-{uuid.uuid4().hex}"
            order = Order(
                name,
                self._work,
                argument,
                Path.cwd(),
                self._logs,
                self._run,
                version("crosswarp"),
            )
            future = self._site.client.submit(run_order, order, key=key, pure=False)
            self._running[key] = name, future
            future.add_done_callback(lambda done: self._heard.put(str(done.key)))


def _least(*limits: float | None) -> float | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _outcome(future: Future) -> Outcome:
    if future.status in {"cancelled", "lost"}:
        msg = (
            "the Dask scheduler is gone; start it and run the same command again, what"
            " is finished is kept"
        )
        raise IncompleteError(msg)
    error = future.exception()
    if error is None:
        outcome: Outcome = future.result()
        return outcome
    if isinstance(error, KilledWorker):
        worker = error.last_worker
        reason = (
            f"the worker was lost while it ran, {error.allowed_failures + 1} times,"
            f" last {worker.name} at {worker.address}"
        )
        return Outcome("lost", None, reason, float("nan"), float("nan"))
    # It could not be sent or started there: the worker lacks a package, say.
    return Outcome("lost", None, one_line(error), float("nan"), float("nan"))
