"""Where work runs: one interface, whatever stands behind it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from crosswarp.execution.outcome import Outcome
from crosswarp.execution.work import Work

Hear = Callable[[str, str], None]
"""Takes the name of a piece and news of it."""


def hear_nothing(name: str, news: str) -> None:
    """Take news and do nothing."""


@runtime_checkable
class Engine(Protocol):
    """Runs many pieces of work, each in a child process of its own.

    The outcome of a piece is the same whatever the engine and however many run at a
    time. One that crashes, hangs or fills the memory is an outcome, and stops no other.
    """

    def run(
        self,
        work: Work,
        pieces: Mapping[str, Any],
        *,
        logs: Path,
        on_done: Callable[[str, Outcome], None],
        on_news: Hear = hear_nothing,
    ) -> dict[str, Outcome]:
        """Call the work's function on every piece.

        An exception here (Ctrl-C, or one out of ``on_done``) ends all children and
        is raised again.

        Args:
            work: Function and limits.
            pieces: One argument a piece, by name. They and what is returned can be
                pickled, and are small.
            logs: Folder for what failed pieces printed, and for the logs of jobs.
            on_done: Told of each outcome as it comes, in this thread.
            on_news: Told of what the pieces `tell`, in this thread.

        Returns:
            Outcomes by name, in the order of ``pieces``.
        """
        ...
