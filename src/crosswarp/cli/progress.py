"""Progress bars in a terminal, plain lines elsewhere."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from crosswarp.cli.echo import echo
from crosswarp.files import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LINE_EVERY_SECONDS = 10.0
"""How often a line is printed where there is no terminal to draw in."""


class Bars:
    """Draws what a library function reports, on standard error.

    It follows `crosswarp.execution.progress.Progress`. A stage that reported
    nothing to do is not drawn.
    """

    def __init__(self, quiet: bool = False) -> None:
        self._drawn = sys.stderr.isatty() and not quiet
        self._quiet = quiet
        self._bars = _drawing()
        self._task: TaskID | None = None
        self._name = ""
        self._total = 0
        self._count = 0
        self._started = time.monotonic()
        self._printed = 0.0

    def __enter__(self) -> "Bars":
        if self._drawn:
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._drawn:
            self._bars.stop()

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of ``total`` steps."""
        self._name, self._total, self._count = name, total, 0
        self._started = time.monotonic()
        self._printed = self._started
        if self._drawn:
            self._task = self._bars.add_task(printable(name), total=total, note="")
        elif not self._quiet:
            echo(f"{name}: {total} to do", err=True)

    def advance(self, note: str = "") -> None:
        """Count one step of the stage as done."""
        self._count += 1
        if self._drawn and self._task is not None:
            self._bars.update(self._task, advance=1, note=printable(note))
        elif not self._quiet:
            self._line(note)

    def news(self, piece: str, text: str) -> None:
        """Show how far a piece is."""
        told = f"{piece}: {text}"
        if self._drawn and self._task is not None:
            self._bars.update(self._task, note=printable(told))
        elif not self._quiet:
            self._line(told)

    def done(self) -> None:
        """End the stage."""
        if self._drawn and self._task is not None:
            self._bars.update(self._task, note="")
        elif not self._quiet and self._count:
            seconds = time.monotonic() - self._started
            echo(f"{self._name}: done in {seconds:.0f} s", err=True)

    def say(self, text: str) -> None:
        """Print what came of a command, on standard output, quiet or not."""
        echo(text)

    def _line(self, note: str) -> None:
        now = time.monotonic()
        if now - self._printed < LINE_EVERY_SECONDS:
            return
        self._printed = now
        left = ""
        if self._count:
            seconds = (now - self._started) / self._count * (self._total - self._count)
            left = f", {seconds:.0f} s left"
        done = f"{self._name}: {self._count} of {self._total}{left}"
        echo(f"{done} {note}".rstrip(), err=True)


def _drawing() -> "Progress":
    """Make the bars; loaded now, since `crosswarp --help` draws none."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=Console(stderr=True),
    )
