"""How long each stage took, remembered over interrupted and repeated runs."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.tables import read_table, write_table
from crosswarp.execution.progress import Progress
from crosswarp.running.record import StepRow
from crosswarp.study.names import TIMINGS

COLUMNS: Final = ("stage", "seconds", "pieces")


class Timed:
    """Counts what a stage really did, and passes it on to the person watching.

    A stage of the demo may begin several stages of work; the last is what it is for
    (maps are read before networks are trained), so `pieces` counts that one.

    It follows `crosswarp.execution.progress.Progress`.

    Args:
        shown: Told of everything.
    """

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self.pieces = 0

    def stage(self, name: str, total: int) -> None:
        """Begin a stage."""
        self.pieces = 0
        self._shown.stage(name, total)

    def advance(self, note: str = "") -> None:
        """Count one piece."""
        self.pieces += 1
        self._shown.advance(note)

    def news(self, piece: str, text: str) -> None:
        """Pass on how far a piece is."""
        self._shown.news(piece, text)

    def done(self) -> None:
        """End the stage."""
        self._shown.done()


class Timings:
    """The table of steps in a folder.

    A step that found everything done keeps the time of the run that did it.

    Args:
        out: Folder of the demo.
        progress: Told of everything.
        steps: Steps of the study, each with its own time.
    """

    def __init__(
        self, out: Path, progress: Progress, steps: Sequence[StepRow] = ()
    ) -> None:
        self._path = out / TIMINGS
        self._progress = progress
        self._rows = {str(row.step): (row.seconds, row.pieces) for row in steps}
        self._known: dict[str, tuple[float, int]] = {}
        if self._path.is_file():
            for row in read_table(self._path, COLUMNS).to_dict("records"):
                seconds, pieces = float(row["seconds"]), int(row["pieces"])
                self._known[str(row["stage"])] = (seconds, pieces)

    @contextmanager
    def timed(self, stage: str) -> Iterator[Timed]:
        """Time a block; give what counts its pieces."""
        watched = Timed(self._progress)
        started = time.monotonic()
        yield watched
        now = (round(time.monotonic() - started, 1), watched.pieces)
        done = bool(watched.pieces) or stage not in self._known
        self._rows[stage] = now if done else self._known[stage]
        write_table(self._path, self.table())

    def table(self) -> pd.DataFrame:
        """Return one row a step: its name, seconds and pieces of work."""
        rows = [(name, *values) for name, values in self._rows.items()]
        return pd.DataFrame(rows, columns=list(COLUMNS))
