"""What a section is made of."""

import re
from dataclasses import dataclass, field

from matplotlib.figure import Figure

INTERVAL = " ["
"""Between a value and its interval."""

MOST_INTERVALS = 3
"""Columns of them that fit the page side by side."""

MANY_COLUMNS = 9
"""So many leave no room for an interval on one line, beside long names."""

_NUMBER = re.compile(r"(< |\u2212)?\d")


@dataclass(frozen=True)
class Illustration:
    """A figure with its words.

    Attributes:
        figure: What is drawn.
        caption: Below the figure: what is seen, how to read it.
        alternative: For who cannot see it: what the figure shows, in a sentence.
    """

    figure: Figure
    caption: str
    alternative: str


@dataclass(frozen=True)
class Table:
    """Cells as text, ready to show.

    Attributes:
        caption: Above the table.
        columns: Headings; a unit stands in the heading.
        rows: As long as the headings.
        note: Below the table.
        is_prose: Whether cells are phrases that may run over several lines.
        is_for_paper: Whether it is written as LaTeX, too.
    """

    caption: str
    columns: list[str]
    rows: list[list[str]]
    note: str = ""
    is_prose: bool = False
    is_for_paper: bool = False

    def is_numeric(self, column: int) -> bool:
        """Whether a column holds mostly numbers, which stand on the right."""
        numbers = sum(bool(_NUMBER.match(row[column])) for row in self.rows)
        return numbers > 0 and 2 * numbers >= len(self.rows)

    @property
    def is_stacked(self) -> bool:
        """Whether so many columns hold intervals that each stands below its value."""
        with_interval = [
            any(INTERVAL in cell for cell in column)
            for column in zip(*self.rows, strict=True)
        ]
        most = MOST_INTERVALS if len(self.columns) < MANY_COLUMNS else 0
        return sum(with_interval) > most


@dataclass(frozen=True)
class Text:
    """Paragraphs, then points of a list.

    Attributes:
        paragraphs: Each a ``<p>``.
        points: Of a list below them.
        is_warning: Whether it is set apart from the rest of the page.
    """

    paragraphs: list[str] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    is_warning: bool = False
