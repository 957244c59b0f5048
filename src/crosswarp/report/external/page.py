"""Write the page of an evaluation on another cohort: one file that holds it all."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from crosswarp.files import written_whole
from crosswarp.report.external import calibration, cohort, results
from crosswarp.report.external.source import Evaluated
from crosswarp.report.shown import Part, Section, render, said_once, show
from crosswarp.report.wording import count
from crosswarp.study.external import External
from crosswarp.study.names import EXTERNAL_PAGE

MakePart = Callable[[Evaluated], Part | None]

SECTIONS: Final[tuple[tuple[str, str, tuple[tuple[str, MakePart], ...]], ...]] = (
    (
        "results",
        "Results",
        (
            ("warning", results.warn),
            ("external_metrics", results.tabulate),
            ("external_roc", results.draw),
        ),
    ),
    (
        "calibration",
        "Calibration",
        (
            ("external_calibration", calibration.draw),
            ("external_calibration_table", calibration.tabulate),
        ),
    ),
    ("shift", "Shift between the cohorts", (("shift", cohort.shift),)),
    ("subgroups", "Subgroups", (("subgroups", cohort.groups),)),
    ("notes", "What a reader must know", (("notes", results.explain),)),
)
"""The page from top to bottom: anchor, heading, and named parts of each section."""


def write_external_page(out: Path) -> Path:
    """Write ``external.html`` beside ``external.json``.

    The page asks nothing of the network and runs no script; it names no participant.
    The same evaluation gives the same bytes.

    Args:
        out: Folder of the predictions, evaluated.

    Returns:
        The path of the page.

    Raises:
        MissingDerivativeError: If nothing was evaluated there.
        MixedError: If predictions or tables were changed since.
    """
    source = Evaluated(out)
    found = source.found
    sections = [
        Section(
            anchor, title, said_once([show(n, partial(m, source)) for n, m in parts])
        )
        for anchor, title, parts in SECTIONS
    ]
    page = render(
        found.note,
        command="crosswarp evaluate",
        title=f"{found.networks.model} on another cohort",
        positive=source.positive,
        trained_on=_trained_on(found),
        sections=sections,
    )
    with written_whole(out / EXTERNAL_PAGE) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return out / EXTERNAL_PAGE


def _trained_on(found: External) -> str:
    networks = found.networks
    people = count(networks.participants, f"{networks.origin} participant")
    of_them = count(networks.count, "network")
    return f"{' against '.join(networks.classes)}: {of_them}, trained on {people}"
