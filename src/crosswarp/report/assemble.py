"""Put the parts of a report together: one page, and its figures and tables as files."""

import csv
import importlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.errors import CrosswarpError
from crosswarp.figures.svg import svg_text, write_svg
from crosswarp.files import written_folder, written_whole
from crosswarp.report.checklist import SECTIONS, read_listed
from crosswarp.report.group_maps import write_group_maps
from crosswarp.report.latex import latex_table
from crosswarp.report.parts import INTERVAL, Illustration, Table, Text
from crosswarp.report.run import Run
from crosswarp.report.wording import MINUS

REPORT = "report.html"

SHORT_NOTICE = "Virtual participants: says nothing about diagnostic accuracy."
"""`VIRTUAL_NOTICE` in a caption."""

FUNCTIONS = {
    "figure": ("figures", "draw"),
    "table": ("tables", "tabulate"),
    "text": ("texts", "write"),
}
"""Kind of a part: folder of its modules, and their one function."""


@dataclass(frozen=True)
class Shown:
    """A part as the page shows it.

    Attributes:
        name: Of its module.
        part: What was made, or None when its inputs are missing, or it has nothing to
            say of such a run.
        svg: Of a figure.
        missing: Why there is nothing to show, where that is a lack; None where an
            earlier part of the section has said the same.
    """

    name: str
    part: Illustration | Table | Text | None
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


def write_report(run: Path) -> Path:
    """Write ``report.html`` with ``figures/*.svg`` and ``tables/*.tsv``.

    Tables for a paper are LaTeX, too: ``tables/comparison.tex`` and its like. The maps
    of groups that figures draw are NIfTI files in ``group_maps``.

    The page holds everything it shows: it asks nothing of the network and runs no
    script. A part whose inputs are missing or unreadable is left out with a line
    saying so.

    Args:
        run: Folder with ``predictions.tsv``, and what later stages wrote.

    Returns:
        The page.

    Raises:
        InputError: If there is no sound ``predictions.tsv``.
    """
    source = Run(run)
    notice = VIRTUAL_NOTICE if source.predictions.has_virtual else None
    write_group_maps(source)
    sections = list(_sections(source))
    shown = [part for section in sections for part in section.parts]
    with written_folder(run / "figures") as folder:
        for part in shown:
            if part.svg is not None:
                write_svg(folder / f"{part.name}.svg", str(part.svg))
    with written_folder(run / "tables") as folder:
        for part in shown:
            if isinstance(part.part, Table):
                _write_table(folder / part.name, part.part, notice)
    page = (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=_title(source),
            positive=source.predictions.positive,
            notice=notice,
            short_notice=SHORT_NOTICE if notice else None,
            sections=sections,
        )
    )
    with written_whole(run / REPORT) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return run / REPORT


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("crosswarp.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["stacked"] = _stacked
    return environment


def _stacked(cell: str) -> str:
    """Put an interval below its value, itself on one line."""
    value, *interval = cell.split(INTERVAL)
    unbroken = [part.replace(" ", "\u00a0") for part in interval]
    return INTERVAL.replace(" ", "\n").join([value, *unbroken])


def _title(run: Run) -> str:
    try:
        return str(run.experiment.get("name", run.folder.resolve().name))
    except CrosswarpError:
        return run.folder.resolve().name


def _sections(run: Run) -> Iterator[Section]:
    for entry in read_listed(SECTIONS):
        parts = [_make(run, *item) for part in entry["parts"] for item in part.items()]
        yield Section(entry["id"], entry["title"], _said_once(parts))


def _said_once(parts: list[Shown]) -> list[Shown]:
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


def _make(run: Run, kind: str, name: str) -> Shown:
    folder, function = FUNCTIONS[kind]
    module = importlib.import_module(f"crosswarp.report.{folder}.{name}")
    make: Callable[[Run], Any] = getattr(module, function)
    try:
        part = make(run)
    except CrosswarpError as error:
        return Shown(name, None, missing=str(error))
    if part is None:
        return Shown(name, None)
    if isinstance(part, Illustration):
        # Only figures of this package reach the page unescaped; text in them was
        # escaped when the SVG was written.
        svg = svg_text(part.figure, name.replace("_", "-"), part.alternative)
        return Shown(name, part, Markup(svg))
    return Shown(name, part)


def _write_table(stem: Path, table: Table, notice: str | None) -> None:
    """Write what the page shows, with plain minus signs and the notice as a column."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    extra = [notice] if notice else []
    writer.writerow([*table.columns, *(["note"] if notice else [])])
    for row in table.rows:
        writer.writerow([*(cell.replace(MINUS, "-") for cell in row), *extra])
    with written_whole(stem.with_suffix(".tsv")) as temporary:
        temporary.write_text(buffer.getvalue(), encoding="utf-8")
    if table.is_for_paper:
        with written_whole(stem.with_suffix(".tex")) as temporary:
            text = latex_table(table, stem.name, notice)
            temporary.write_text(text, encoding="utf-8")
