"""Progress for programs and cluster logs: one JSON object a line."""

import json
import time
from datetime import UTC, datetime
from types import TracebackType

from crosswarp.cli.echo import echo


class JsonLines:
    """Prints what a library function reports, as JSON lines on standard output.

    It follows `crosswarp.execution.progress.Progress`. Every object has ``time``
    (UTC) and ``event``: ``stage`` (``stage``, ``total``), ``news`` (of a ``piece``
    still worked on: ``text``), ``advance`` (``note``, ``count``, ``total``,
    ``seconds_left``), ``done`` (``count``, ``seconds``), ``message`` (``text``) and
    ``error`` (``text``).
    """

    def __init__(self) -> None:
        self._stage = ""
        self._total = 0
        self._count = 0
        self._started = time.monotonic()

    def __enter__(self) -> "JsonLines":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            _print("error", text=f"{type(error).__name__}: {error}")

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of ``total`` pieces."""
        self._stage, self._total, self._count = name, total, 0
        self._started = time.monotonic()
        _print("stage", stage=name, total=total)

    def advance(self, note: str = "") -> None:
        """Count one piece of the stage as done."""
        self._count += 1
        rest = (self._total - self._count) * self._seconds() / self._count
        _print(
            "advance",
            stage=self._stage,
            note=note,
            count=self._count,
            total=self._total,
            seconds_left=round(rest, 1),
        )

    def news(self, piece: str, text: str) -> None:
        """Print how far a piece is."""
        _print("news", stage=self._stage, piece=piece, text=text)

    def done(self) -> None:
        """End the stage."""
        seconds = round(self._seconds(), 1)
        _print("done", stage=self._stage, count=self._count, seconds=seconds)

    def say(self, text: str) -> None:
        """Print what came of a command."""
        _print("message", text=text)

    def _seconds(self) -> float:
        return time.monotonic() - self._started


def _print(event: str, **values: str | float | int) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    echo(json.dumps({"time": now, "event": event, **values}))
