"""Many pieces of work, a few at a time, each in its own process."""

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from crosswarp.errors import InputError
from crosswarp.execution.engine import Hear, hear_nothing
from crosswarp.execution.isolated import Child, Outcome, preload
from crosswarp.execution.logs import collect
from crosswarp.execution.work import Work


@dataclass(frozen=True)
class LocalEngine:
    """Processes of this machine. It follows `crosswarp.execution.engine.Engine`.

    Attributes:
        workers: Children at a time, 1 or more.

    Raises:
        InputError: If there is no worker.
    """

    workers: int = 1

    def __post_init__(self) -> None:
        if self.workers < 1:
            msg = f"workers must be 1 or more, got {self.workers}"
            raise InputError(msg)

    def run(
        self,
        work: Work,
        pieces: Mapping[str, Any],
        *,
        logs: Path,
        on_done: Callable[[str, Outcome], None],
        on_news: Hear = hear_nothing,
    ) -> dict[str, Outcome]:
        """Call the work's function on every piece, in child processes of this one."""
        preload(work.preloaded)
        # Closed, it ends all children, also when ``on_done`` raises.
        with closing(self._answers(work, pieces, on_news)) as answers:
            outcomes = collect(answers, logs, on_done)
        return {name: outcomes[name] for name in pieces}

    def _answers(
        self, work: Work, pieces: Mapping[str, Any], on_news: Hear
    ) -> Generator[tuple[str, Outcome], None, None]:
        waiting = iter(pieces.items())
        running: dict[str, Child] = {}
        left = len(pieces)
        try:
            while left:
                while len(running) < self.workers and (piece := next(waiting, None)):
                    name, argument = piece
                    running[name] = Child(work, argument, partial(on_news, name))
                for name, outcome in _finished(running).items():
                    running.pop(name).close()
                    left -= 1
                    yield name, outcome
        finally:
            for child in running.values():
                child.close()


def _finished(running: Mapping[str, Child]) -> dict[str, Outcome]:
    """Wait until some of the children may have ended; return those that have."""
    patience = [child.patience() for child in running.values()]
    rests = [seconds for seconds in patience if seconds is not None]
    wait(
        [waitable for child in running.values() for waitable in child.waitables],
        min(rests, default=None),
    )
    looks = {name: child.look() for name, child in running.items()}
    return {name: outcome for name, outcome in looks.items() if outcome is not None}
