"""The tables of regional change: made anew from the records of all pairs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import CHANGE
from crosswarp.bids.tables import write_table
from crosswarp.documents import read_object
from crosswarp.longitudinal.rates import slope_a_year
from crosswarp.study.names import LONGITUDINAL, LONGITUDINAL_SLOPES

_MEASURED: Final = (
    "region",
    "hemisphere",
    "volume_mm3",
    "log_change",
    *("change_percent", "change_percent_low", "change_percent_high"),
    *("percent_a_year", "percent_a_year_low", "percent_a_year_high"),
)
"""Columns of a region, in their order."""


def write_tables(out: Path, grid: tuple[str, int]) -> None:
    """Write the change of each region in each pair, and slopes of several visits.

    Args:
        out: Folder of the derivatives.
        grid: Space and spacing, in mm, of the maps whose records count.
    """
    records = list(_records(out, grid))
    rows = [row for scan, record in records for row in _rows(scan, record)]
    if rows:
        write_table(out / LONGITUDINAL, pd.DataFrame(rows))
    slopes = list(_slopes(records))
    path = out / LONGITUDINAL_SLOPES
    if slopes:
        write_table(path, pd.DataFrame(slopes))
    else:
        path.unlink(missing_ok=True)


def _records(
    out: Path, grid: tuple[str, int]
) -> Iterator[tuple[ScanId, Mapping[str, Any]]]:
    pattern = f"sub-*/**/*_space-{grid[0]}_res-{grid[1]}_desc-{CHANGE}_T1w.json"
    for path in sorted(out.glob(pattern)):
        record = read_object(path)
        if isinstance(record.get("Regions"), list):
            yield ScanId.parse(path.name), record


def _rows(scan: ScanId, record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    notes = "; ".join(map(str, record.get("Notes", [])))
    for region in record["Regions"]:
        yield {
            "participant_id": scan.participant_id,
            "first_session": record.get("FirstSession"),
            "session_id": scan.session_id,
            "interval_years": record.get("IntervalYears"),
            "interval_from": record.get("IntervalFrom") or None,
            # JSON has its keys sorted; a table begins with what its rows are of.
            **{name: region[name] for name in _MEASURED if name in region},
            "notes": notes or None,
        }


def _slopes(
    records: list[tuple[ScanId, Mapping[str, Any]]],
) -> Iterator[dict[str, Any]]:
    """Fit a line for each person with three visits or more, whose times are known."""
    people: dict[tuple[str, Any], list[Mapping[str, Any]]] = defaultdict(list)
    for scan, record in records:
        if record.get("IntervalYears") is not None and record["Regions"]:
            people[scan.participant_id, record.get("FirstSession")].append(record)
    for (person, first), visits in people.items():
        if len(visits) < 2:
            continue
        years = [0.0, *(float(visit["IntervalYears"]) for visit in visits)]
        logs = [[r["log_change"] for r in visit["Regions"]] for visit in visits]
        changes = np.array([[0.0] * len(logs[0]), *logs], dtype=float)
        slopes = slope_a_year(years, changes)
        for region, slope in zip(visits[0]["Regions"], slopes, strict=True):
            yield {
                "participant_id": person,
                "first_session": first,
                "visits": len(years),
                "years": max(years),
                "region": region["region"],
                "hemisphere": region["hemisphere"],
                "percent_a_year": float(slope),
            }
