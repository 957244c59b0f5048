"""Rows of the table: what was looked at, what came out, and whether that is right."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

Verdict = Literal["agrees", "differs", "measured", "skipped", "failed"]

NO_GPU: Final = "no GPU; the CPU's side ran"
"""What is said of a comparison that had one side."""

NO_CUDA: Final = "needs a CUDA device"
"""What is said of a measurement of a GPU's time and memory."""


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        part: Part of the check.
        what: Network, back end or quantity that was looked at.
        found: Figure with its unit, or the reason why there is none.
        verdict: Outcome; ``measured`` is a figure that nothing is asked of.
    """

    part: str
    what: str
    found: str
    verdict: Verdict


@dataclass
class Table:
    """All rows, printed as they come; no new part is begun after a time limit.

    Attributes:
        limit_s: Seconds after which no new row is begun.
        write: Function that prints a line.
        only: Parts that are looked at; all when empty.
        rows: Rows so far.
    """

    limit_s: float
    write: Callable[[str], object]
    only: Sequence[str] = ()
    rows: list[Row] = field(default_factory=list)
    _started: float = field(default_factory=time.monotonic)

    def look(
        self, part: str, what: str, measure: Callable[[], tuple[str, Verdict]]
    ) -> None:
        """Add one row; what goes wrong in it is said there and stops nothing.

        Args:
            part: Part of the check.
            what: Network, back end or quantity that is looked at.
            measure: Function that gives the figure and the verdict.
        """
        if self.only and part not in self.only:
            return
        verdict: Verdict
        if time.monotonic() - self._started > self.limit_s:
            found, verdict = f"not begun: {self.limit_s:.0f} s are over", "skipped"
        else:
            try:
                found, verdict = measure()
            except ImportError as error:
                found, verdict = _line(error), "skipped"
            except Exception as error:  # noqa: BLE001 - one row's fault is its result
                found, verdict = f"{type(error).__name__}: {_line(error)}", "failed"
        row = Row(part, what, found, verdict)
        self.rows.append(row)
        self.write(f"| {row.part} | {row.what} | {row.found} | {row.verdict} |\n")

    def heading(self) -> None:
        """Print the head of the table, as Markdown."""
        self.write("| part | what | found | verdict |\n| --- | --- | --- | --- |\n")

    def sound(self) -> bool:
        """Say whether nothing differs and nothing failed."""
        return not any(row.verdict in ("differs", "failed") for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """Return all rows and the seconds that they took."""
        seconds = round(time.monotonic() - self._started, 1)
        return {"seconds": seconds, "rows": [asdict(row) for row in self.rows]}


def judged(gap: float, most: float, unit: str = "") -> tuple[str, Verdict]:
    """Hold a difference against what may be.

    Args:
        gap: Difference between the CPU and the GPU.
        most: Largest difference that counts as agreement.
        unit: Unit of both; none when empty.
    """
    found = f"{gap:.2g}{unit} apart; at most {most:g}{unit}"
    return found, "agrees" if gap <= most else "differs"


def counted(verdicts: Sequence[Row]) -> str:
    """Sum up a table in one line, such as ``12 agrees, 3 skipped``."""
    kinds = dict.fromkeys(row.verdict for row in verdicts)
    return ", ".join(
        f"{sum(row.verdict == kind for row in verdicts)} {kind}" for kind in kinds
    )


def _line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:120].replace("|", "/")
