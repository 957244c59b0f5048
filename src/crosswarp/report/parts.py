"""What a section is made of."""

import re
from dataclasses import dataclass, field

from matplotlib.figure import Figure

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
    """

    caption: str
    columns: list[str]
    rows: list[list[str]]
    note: str = ""

    def is_numeric(self, column: int) -> bool:
        """Whether a column holds numbers, which stand on the right."""
        return any(_NUMBER.match(row[column]) for row in self.rows)


@dataclass(frozen=True)
class Text:
    """Paragraphs, then points of a list."""

    paragraphs: list[str] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
