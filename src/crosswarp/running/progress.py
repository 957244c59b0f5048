"""How far a study is: which step, and the time left over all of them."""

import time
from collections.abc import Mapping, Sequence

from crosswarp.execution.progress import Progress
from crosswarp.running.steps import Step


class StudyProgress:
    """Passes on what a step reports, with its number and the time left in all.

    It follows `crosswarp.execution.progress.Progress`.

    Args:
        shown: Told of everything.
        steps: All steps of this run, in order.
        seconds: What steps took when they last did something, if they ever did.
    """

    def __init__(
        self, shown: Progress, steps: Sequence[Step], seconds: Mapping[str, float]
    ) -> None:
        self._shown = shown
        self._steps = list(steps)
        self._seconds = dict(seconds)
        self._later: list[Step] = []
        self._number = 0
        self._total = 0
        self._started = time.monotonic()
        self.pieces = 0
        """Tasks done in the last stage of the step, which is what the step is for."""

    def begin(self, step: Step) -> None:
        """Begin a step."""
        self._number = self._steps.index(step) + 1
        self._later = self._steps[self._number :]
        self.pieces = 0

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of the step."""
        self.pieces, self._total, self._started = 0, total, time.monotonic()
        self._shown.stage(f"step {self._number} of {len(self._steps)}, {name}", total)

    def advance(self, note: str = "") -> None:
        """Count one task, and say how long all steps will take."""
        self.pieces += 1
        self._shown.advance("; ".join(filter(None, [note, self.left()])))

    def news(self, piece: str, text: str) -> None:
        """Pass on how far a task is."""
        self._shown.news(piece, text)

    def done(self) -> None:
        """End the stage."""
        self._shown.done()

    def left(self) -> str:
        """Say how long the rest of all steps will take, as far as it is known.

        Steps that have never been done count nothing, and "at least" says so.
        """
        pace = (time.monotonic() - self._started) / max(self.pieces, 1)
        left = pace * (self._total - self.pieces)
        left += sum(self._seconds.get(step, 0.0) for step in self._later)
        known = all(step in self._seconds for step in self._later)
        return f"{'about' if known else 'at least'} {_told(left)} left in all"


def _told(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
