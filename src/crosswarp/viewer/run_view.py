"""What the pages of a run show, gathered in a process of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import QC_PAGE
from crosswarp.errors import CrosswarpError
from crosswarp.evaluation.predictions import PREFIX
from crosswarp.files import make_folder, write_json
from crosswarp.report.maps import LOG_JACOBIAN, map_path
from crosswarp.report.parts import Table
from crosswarp.report.people import KEYS
from crosswarp.report.run import Run
from crosswarp.report.tables import comparison, metrics_overall, models
from crosswarp.study.names import ATTRIBUTION, REPORT, RUN_VIEW
from crosswarp.viewer.gathering import RunTask
from crosswarp.viewer.scan_view import ATTRIBUTED, ViewFiles, write_view

TABLES: Final[dict[str, Callable[[Run], Table]]] = {
    "comparison": comparison.tabulate,
    "metrics": metrics_overall.tabulate,
    "models": models.tabulate,
}
"""Tables of the report that compare models."""

KNOWN: Final = ("age_years", "sex", "site")
"""Columns of the cohort table that are shown, where there are any."""


def write_run_view(task: RunTask) -> None:
    """Write what a page shows.

    Args:
        task: Run or scan, and where to write.

    Raises:
        MissingDerivativeError: If the maps of the scan are not there any longer.
        MixedError: If the files of the run do not belong together.
    """
    make_folder(task.place)
    run = Run(task.run)
    if task.scan is None:
        write_json(task.place / RUN_VIEW, _run(run))
    else:
        _write_scan(run, task.scan, task.place)


def _run(run: Run) -> dict[str, Any]:
    tables, missing = [], []
    for name, make in TABLES.items():
        try:
            tables.append(_table(make(run)))
        except CrosswarpError as error:
            missing.append(f"{name}: {error}")
    report = run.folder / REPORT
    return {
        "title": run.folder.resolve().name,
        "notice": VIRTUAL_NOTICE if run.predictions.has_virtual else "",
        "positive": run.predictions.positive,
        "models": run.models(),
        "scans": _scans(run, missing),
        "tables": tables,
        "missing": missing,
        "report": str(report.resolve()) if report.is_file() else "",
        "qc": _qc_page(run),
    }


def _table(table: Table) -> dict[str, Any]:
    numeric = [table.is_numeric(index) for index in range(len(table.columns))]
    return {
        "caption": table.caption,
        "columns": table.columns,
        "rows": table.rows,
        "note": table.note,
        "numeric": numeric,
    }


def _scans(run: Run, missing: list[str]) -> list[dict[str, Any]]:
    """List the tested scans, with each model's mean probability over the repeats."""
    rows = run.tested
    try:
        known = [name for name in KNOWN if name in run.cohort.columns]
        rows = rows.merge(run.cohort[[*KEYS, *known]], on=KEYS, how="left")
    except CrosswarpError as error:
        missing.append(f"age, sex and site: {error}")
        known = []
    scores = {name: _scores(run, name) for name in run.models()}
    found = []
    for row in rows.to_dict("records"):
        scan = ScanId.from_row(row["participant_id"], row["session_id"])
        key = (row["participant_id"], row["session_id"])
        found.append(
            {
                "label": scan.label,
                "diagnosis": row["diagnosis"],
                "known": {name: _cell(row[name]) for name in known},
                "scores": {
                    name: round(float(each[key]), 3) for name, each in scores.items()
                },
            }
        )
    return found


def _scores(run: Run, model: str) -> "pd.Series[float]":
    rows = run.predictions.of(model, "test")
    column = f"{PREFIX}{run.predictions.positive}"
    return rows.groupby(KEYS)[column].mean()


def _cell(value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _qc_page(run: Run) -> str:
    try:
        page = run.linked("derivatives") / QC_PAGE
    except CrosswarpError:
        return ""
    return str(page.resolve()) if page.is_file() else ""


def _write_scan(run: Run, scan: ScanId, place: Path) -> None:
    # Refuses maps that the run was not trained on.
    map_path(run, scan, LOG_JACOBIAN)
    more = []
    for folder in sorted((run.folder / ATTRIBUTION).glob("*")):
        for name, title in ATTRIBUTED.items():
            path = folder / f"{name}.nii.gz"
            if path.is_file():
                label = f"Attribution to the {title}, {folder.name}, mean of the run"
                more.append((label, path.resolve()))
    files = ViewFiles(run.linked("derivatives").resolve(), scan, place, tuple(more))
    write_view(files)
