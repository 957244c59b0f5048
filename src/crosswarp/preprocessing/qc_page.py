"""The page that shows the quality of a cohort: worst scans first."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.ledger import RESOLUTION, SPACE
from crosswarp.bids.names import QC_PAGE, figure_path
from crosswarp.bids.tables import numbers_of
from crosswarp.errors import MissingPackageError
from crosswarp.files import written_whole
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.preprocessing.quality import (
    VERDICTS,
    Judgement,
    Verdict,
    judge,
    range_text,
    worst,
)

if TYPE_CHECKING:
    from jinja2 import Template

LABELS: Final = {
    "brain_volume_cm3": ("brain mask, cm³", "{:.0f}"),
    "brain_at_edge_cm2": ("brain at the image's edge, cm²", "{:.1f}"),
    "intracranial_volume_cm3": ("inside of the skull, cm³", "{:.0f}"),
    "overlap": ("overlap after the affine", "{:.3f}"),
    "similarity": ("similarity after registration", "{:.3f}"),
    "folded": ("folded share of the brain", "{:.3%}"),
    "log_jacobian_sd": ("log-Jacobian, SD", "{:.3f}"),
    "log_jacobian_least": ("log-Jacobian, 0.1th percentile", "{:.2f}"),
    "log_jacobian_greatest": ("log-Jacobian, 99.9th percentile", "{:.2f}"),
}
"""What the page calls each number, and how it writes it."""


@dataclass(frozen=True)
class Number:
    """One number of a scan, as the page shows it."""

    label: str
    value: str
    verdict: str
    fine: str


@dataclass(frozen=True)
class Entry:
    """One scan, as the page shows it.

    Attributes:
        label: Participant and session; the grid where the page has several.
        verdict: ``failed``, ``check`` or ``ok``: what the page filters by.
        outcome: The same, or how its process ended.
        reason: Empty when there is none.
        numbers: As far as they were measured.
        picture: Way from the page to it; empty when there is none.
        brain_mask: How the brain was found; empty when that is not known.
        severity: Of its worst number; sorts scans of one verdict.
    """

    label: str
    verdict: str
    outcome: str
    reason: str
    numbers: list[Number]
    picture: str
    brain_mask: str
    severity: float


def write_qc_page(out: Path, ledger: pd.DataFrame, limits: QualityLimits) -> Path:
    """Write ``qc.html``: one page that needs no network and runs no script.

    The same maps give the same bytes.

    Pictures stay files of their own and are loaded when they come into view, so that
    thousands of scans can be looked through.

    Args:
        out: Folder of the derivatives.
        ledger: A row for each scan and grid, at least one.
        limits: Of every number.

    Returns:
        The path of the page.

    Raises:
        MissingPackageError: If Jinja2 is not installed.
    """
    # Rows of this call have the word for nothing, those of an earlier one have nothing.
    ledger = ledger.where(ledger != NOT_AVAILABLE)
    template, named = _template(), _grid_named(ledger)
    entries = sorted(
        (_entry(out, row, limits, named(row)) for row in ledger.to_dict("records")),
        key=lambda entry: (
            -VERDICTS.index(Verdict(entry.verdict)),
            -entry.severity,
            entry.label,
        ),
    )
    counts = {
        verdict.value: sum(entry.verdict == verdict for entry in entries)
        for verdict in reversed(VERDICTS)
    }
    page = template.render(
        entries=entries, counts=counts, distributions=_distributions(ledger, limits)
    )
    with written_whole(out / QC_PAGE) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return out / QC_PAGE


def _entry(out: Path, row: Mapping[Any, Any], limits: QualityLimits, of: str) -> Entry:
    scan = ScanId.from_row(str(row["participant_id"]), row["session_id"])
    numbers = {name: float(row[name]) for name in LABELS if _is_number(row.get(name))}
    judgements = judge(numbers, limits)
    finished = row["status"] == "ok"
    # Not in ledgers of the first version.
    known = row["qc"] if row.get("qc") in VERDICTS else worst(judgements)
    verdict = Verdict(known) if finished else Verdict.FAILED
    picture = _picture(out, scan, row)
    return Entry(
        f"{scan.label}{of}",
        verdict.value,
        verdict.value if finished else str(row["status"]),
        str(row["reason"]) if isinstance(row.get("reason"), str) else "",
        [_number(judgement) for judgement in judgements],
        picture.relative_to(out).as_posix() if picture.is_file() else "",
        _brain_mask(row),
        # What has no numbers failed before any could be measured: nothing is worse.
        max((judgement.severity for judgement in judgements), default=math.inf),
    )


def _picture(out: Path, scan: ScanId, row: Mapping[Any, Any]) -> Path:
    """Find a scan's picture; an earlier version named it without the grid."""
    before = figure_path(out, scan, "qc")
    if not isinstance(row.get(SPACE), str) or not _is_number(row.get(RESOLUTION)):
        return before
    named = figure_path(out, scan, "qc", (row[SPACE], int(row[RESOLUTION])))
    return named if named.is_file() else before


def _grid_named(ledger: pd.DataFrame) -> Callable[[Mapping[Any, Any]], str]:
    """Choose what is said of the maps of a row: nothing where all are of one grid."""
    columns = [name for name in (RESOLUTION, SPACE) if name in ledger]
    known = ledger[columns].replace(NOT_AVAILABLE, np.nan)
    several = [name for name in columns if len(known[name].dropna().unique()) > 1]
    units = {RESOLUTION: "{:g} mm", SPACE: "{}"}

    def named(row: Mapping[Any, Any]) -> str:
        said = [name for name in several if row[name] not in (None, NOT_AVAILABLE)]
        told = [units[name].format(row[name]) for name in said if pd.notna(row[name])]
        return "".join(f", {text}" for text in told)

    return named


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _number(judgement: Judgement) -> Number:
    label, form = LABELS[judgement.name]
    return Number(
        label,
        form.format(judgement.value).replace("-", "\u2212"),
        judgement.verdict.value,
        range_text(judgement.limits.fine).replace("-", "\u2212"),
    )


def _brain_mask(row: Mapping[Any, Any]) -> str:
    """Say how the brain was found.

    Seconds and memory, which are never the same twice, are in the ledger alone.
    """
    known = row.get("brain_mask")
    return known if isinstance(known, str) and known != NOT_AVAILABLE else ""


def _distributions(
    ledger: pd.DataFrame, limits: QualityLimits
) -> list[dict[str, object]]:
    # Imported here: matplotlib takes a second to load.
    from markupsafe import Markup

    from crosswarp.figures.distribution import draw_distribution
    from crosswarp.figures.svg import svg_text

    shown: list[dict[str, object]] = []
    for name, (label, form) in LABELS.items():
        if name not in ledger:
            continue
        values = numbers_of(ledger[name]).to_numpy(float)
        values = values[np.isfinite(values)]
        if not values.size:
            continue
        varied, svg = values.min() < values.max(), ""
        if varied:
            ends = limits.of(name)
            figure = draw_distribution(values.tolist(), ends.fine, ends.used)
            # Drawn by this package from numbers alone, so not escaped.
            svg = Markup(svg_text(figure, name.replace("_", "-")))
        middle = form.format(np.median(values)).replace("-", "\u2212")
        shown.append(
            {
                "label": label,
                "scans": values.size,
                "middle": f"median {middle}" if varied else f"all {middle}",
                "svg": svg,
            }
        )
    return shown


def _template() -> "Template":
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        msg = "Jinja2 is missing: pip install 'crosswarp[preprocess]'"
        raise MissingPackageError(msg) from error
    environment = Environment(
        loader=PackageLoader("crosswarp.preprocessing"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(f"{QC_PAGE}.j2")
