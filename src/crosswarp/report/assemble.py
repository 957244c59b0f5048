"""Put the parts of a report together: one page, and its figures and tables as files."""

import csv
import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import plain
from crosswarp.documents import read_object
from crosswarp.errors import CrosswarpError
from crosswarp.figures.svg import write_svg
from crosswarp.files import written_whole
from crosswarp.outputs import RUN, claim_names
from crosswarp.provenance import begin_record, files_in, is_begun, write_record
from crosswarp.report.group_maps import write_group_maps
from crosswarp.report.latex import latex_table
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.sections import SECTIONS
from crosswarp.report.shown import GENERATOR, Section, Shown, render, said_once, show
from crosswarp.report.wording import MINUS
from crosswarp.study.names import (
    ATTRIBUTION_RECORD,
    ENVIRONMENT,
    EXPERIMENT,
    FIGURES,
    GROUP_MAPS,
    METRICS,
    MISSING,
    PASSED_OVER,
    POWER,
    PREDICTIONS,
    REPORT,
    REPORT_RECORD,
    TABLES,
)
from crosswarp.study.run import LINKED, sources_now, working_on

MADE_FROM = (
    *(PREDICTIONS, EXPERIMENT, METRICS, POWER, ENVIRONMENT),
    *(ATTRIBUTION_RECORD, MISSING, PASSED_OVER, *LINKED),
)


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
        The path of the page.

    Raises:
        InputError: If there is no sound ``predictions.tsv``.
        OccupiedError: If the folder has such files that no report wrote.
        MixedError: If the files of the run do not belong together, or the evaluation
            is not of them.
        LockedError: If another process works on the run.
    """
    source = Run(run)
    _ = source.record, source.predictions
    with working_on(run):
        return _written(run)


def _written(run: Path) -> Path:
    source = Run(run)
    _require_belonging(source)
    names = [REPORT, FIGURES, TABLES, GROUP_MAPS]
    claim_names(run, names, _is_ours(run), "crosswarp report", REPORT)
    sources = sources_now(run, MADE_FROM)
    begin_record(run / REPORT_RECORD)
    (run / REPORT).unlink(missing_ok=True)
    notice = VIRTUAL_NOTICE if source.predictions.has_virtual else None
    write_group_maps(source)
    sections = list(_sections(source))
    _write_files(run, [p for section in sections for p in section.parts], notice)
    page = render(
        notice,
        command="crosswarp report",
        title=_title(source),
        positive=source.predictions.positive,
        trained_on=None,
        sections=sections,
    )
    with written_whole(run / REPORT) as temporary:
        temporary.write_text(page, encoding="utf-8")
    products = [REPORT, *_files_of(run, FIGURES, TABLES, GROUP_MAPS)]
    write_record(run / REPORT_RECORD, {}, products=products, sources=sources)
    return run / REPORT


def _require_belonging(source: Run) -> None:
    """Refuse a run, or an evaluation, that does not belong together.

    What is missing is said on the page, and so is what `crosswarp power` and
    `crosswarp explain` made of other predictions: it is left out.
    """
    _ = source.record
    if (source.folder / METRICS).is_file():
        _ = source.metrics


def _files_of(run: Path, *folders: str) -> list[str]:
    return [f"{folder}/{name}" for folder in folders for name in files_in(run / folder)]


def _is_ours(run: Path) -> bool:
    """Whether report, figures and tables of a folder are of this program."""
    if RUN.is_here(run) or is_begun(read_object(run / REPORT_RECORD)):
        return True
    page = run / REPORT
    return page.is_file() and GENERATOR in page.read_text("utf-8", errors="replace")


def _write_files(run: Path, shown: list[Shown], notice: str | None) -> None:
    """Write figures and tables; what an earlier report wrote of others goes."""
    for listed in (part for section in SECTIONS for part in section.parts):
        (run / FIGURES / f"{listed.name}.svg").unlink(missing_ok=True)
        for extension in (".tsv", ".tex"):
            (run / TABLES / f"{listed.name}{extension}").unlink(missing_ok=True)
    for part in shown:
        if part.svg is not None:
            write_svg(run / FIGURES / f"{part.name}.svg", str(part.svg))
        elif isinstance(part.part, Table):
            _write_table(run / TABLES / part.name, part.part, notice)


def _title(run: Run) -> str:
    try:
        return run.experiment.name or run.folder.resolve().name
    except CrosswarpError:
        return run.folder.resolve().name


def _sections(run: Run) -> Iterator[Section]:
    for section in SECTIONS:
        parts = [show(part.name, partial(part.make, run)) for part in section.parts]
        yield Section(section.id, section.title, said_once(parts))


def _write_table(stem: Path, table: Table, notice: str | None) -> None:
    """Write what the page shows, with plain minus signs and the notice as a column."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    extra = [notice] if notice else []
    writer.writerow([*table.columns, *(["note"] if notice else [])])
    for row in table.rows:
        cells = [str(plain(cell)).replace(MINUS, "-") for cell in row]
        writer.writerow([*cells, *extra])
    with written_whole(stem.with_suffix(".tsv")) as temporary:
        temporary.write_text(buffer.getvalue(), encoding="utf-8")
    if table.is_for_paper:
        with written_whole(stem.with_suffix(".tex")) as temporary:
            text = latex_table(table, stem.name, notice)
            temporary.write_text(text, encoding="utf-8")
