"""Parts as a page shows them: made or missing, drawn, and put into its template."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from crosswarp.errors import CrosswarpError
from crosswarp.figures.svg import svg_text
from crosswarp.report.parts import INTERVAL, Illustration, Table, Text

Part = Illustration | Table | Text

GENERATOR: Final = '<meta name="generator" content="crosswarp">'
"""In every page that this program has written."""

SHORT_NOTICE: Final = "Virtual participants: says nothing about diagnostic accuracy."
"""`VIRTUAL_NOTICE` in a caption."""


@dataclass(frozen=True)
class Shown:
    """A part as the page shows it.

    Attributes:
        name: Name of its files.
        part: What was made, or None when its inputs are missing, or it has nothing to
            say of such a run.
        svg: Of a figure.
        missing: Why there is nothing to show, where that is a lack; None where an
            earlier part of the section has said the same.
    """

    name: str
    part: Part | None
    svg: Markup | None = None
    missing: str | None = None

    @property
    def kind(self) -> str:
        """Name of the template's block for this part."""
        if self.part is not None:
            return type(self.part).__name__.lower()
        return "missing" if self.missing else "silent"


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    id: str
    title: str
    parts: list[Shown]


def show(name: str, make: Callable[[], Part | None]) -> Shown:
    """Make a part, or say on the page why it is missing.

    Args:
        name: Name of the part and its files.
        make: Returns None where there is nothing to say, and raises one of our errors
            where an input is missing.
    """
    try:
        part = make()
    except CrosswarpError as error:
        return Shown(name, None, missing=str(error))
    if isinstance(part, Illustration):
        # Only figures of this package reach the page unescaped; text in them was
        # escaped when the SVG was written.
        svg = svg_text(part.figure, name.replace("_", "-"), part.alternative)
        return Shown(name, part, Markup(svg))
    return Shown(name, part)


def said_once(parts: list[Shown]) -> list[Shown]:
    """Name all parts that lack the same thing in one line."""
    names: dict[str, dict[str, None]] = {}
    for part in parts:
        if part.missing is not None:
            names.setdefault(part.missing, {})[part.name] = None
    said = []
    for part in parts:
        if part.missing is None:
            said.append(part)
            continue
        # The first that lacks it names them all, the others find nothing to say.
        alike = ", ".join(names.pop(part.missing, {}))
        said.append(replace(part, name=alike, missing=part.missing if alike else None))
    return said


def render(notice: str | None, **values: object) -> str:
    """Fill the template of a page: of a run's report, or of one scan's answer.

    Args:
        notice: What the page says at its top, such as that participants are virtual;
            None says nothing.
        **values: What else the template shows.
    """
    environment = Environment(
        loader=PackageLoader("crosswarp.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["stacked"] = _stacked
    short = SHORT_NOTICE if notice else None
    page = environment.get_template("page.html.j2")
    return page.render(notice=notice, short_notice=short, **values)


def _stacked(cell: str) -> str:
    """Put an interval below its value, itself on one line."""
    value, *interval = cell.split(INTERVAL)
    unbroken = [part.replace(" ", "\u00a0") for part in interval]
    return INTERVAL.replace(" ", "\n").join([value, *unbroken])
