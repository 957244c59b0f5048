"""Tables of the user's own, joined to the rows of a cohort.

Rule: a row belongs to a scan by participant and session, where the table has sessions;
else by participant and the nearest date in the window, where it has dates; else by
participant alone, where it has one row of each. Ids match however they are written.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from crosswarp.archives.days import parse_day
from crosswarp.archives.naming import participant_label, session_label
from crosswarp.archives.records import Exclusion, Imported, days_between
from crosswarp.archives.tables import Row, Table, read_archive_table
from crosswarp.bids.cohort import COLUMNS
from crosswarp.bids.columns import SYNONYMS
from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.values import known
from crosswarp.errors import InputError

PERSON: Final = (
    *("participant_id", "subject_id", "subject", "ptid", "oasisid", "naccid"),
    *("participant", "subjectid", "id", "rid"),
)
"""Columns with the participant, the best first."""
SESSION: Final = ("session_id", "session", "mri_id", "visit_id")
DAY: Final = ("scan_date", "date", "examdate", "visdate", "acq_date", "acq_time")

_OURS: Final = {name: ours for ours, names in SYNONYMS.items() for name in names}


@dataclass
class _Join:
    table: Table
    by: str
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    used: set[int] = field(default_factory=set)
    several: int = 0
    differ: int = 0


def join_own_tables(made: Imported, paths: Sequence[Path], window: int) -> None:
    """Add the columns of tables to the rows of a cohort.

    A column that the cohort has already fills only what is not known there. A row of
    the table that belongs to no scan is an exclusion.

    Args:
        made: The cohort; added to.
        paths: TSV, CSV or Excel files.
        window: Days that may lie between a scan and a row with a date.

    Raises:
        InputError: If a table cannot be read, or has no column with a participant.
    """
    for path in paths:
        join = _prepared(read_archive_table(path))
        for row in made.rows:
            _join_row(join, row, window)
        made.notes += [*join.table.notes, *_said(join, len(made.rows))]
        made.exclusions += [
            Exclusion(who, NOT_AVAILABLE, UNUSED, f"{path.name} line {row.line}")
            for who, rows in join.rows.items()
            for row in rows
            if row.line not in join.used
        ]


UNUSED: Final = "a row of an own table that belongs to no scan of the cohort"


def _prepared(table: Table) -> _Join:
    person = next((name for name in PERSON if name in table.columns), None)
    if person is None:
        msg = (
            f"{table.path} has no column with the participant: expected one of"
            f" {', '.join(PERSON)}; it has {', '.join(table.columns)}"
        )
        raise InputError(msg)
    session = any(name in table.columns for name in SESSION)
    day = any(name in table.columns for name in DAY)
    join = _Join(table, "session" if session else "date" if day else "participant")
    for row in table.rows:
        name = row.text(person)
        if name is not None:
            join.rows[participant_label(name)].append(row)
    return join


def _join_row(join: _Join, row: dict[str, Any], window: int) -> None:
    found = _row_for(join, row, window)
    for name in join.table.columns:
        ours = _OURS.get(name, name)
        if name in {*PERSON, *SESSION, "diagnosis"} or ours == "diagnosis":
            continue
        text = None if found is None else known(found.cells.get(name))
        there = known(row.get(ours))
        if there is None:
            row[ours] = text or NOT_AVAILABLE
        elif text is not None and text != there and ours in COLUMNS:
            join.differ += 1
    if found is not None:
        join.used.add(found.line)


def _row_for(join: _Join, row: Mapping[str, Any], window: int) -> Row | None:
    own = join.rows.get(row["participant_id"], [])
    if join.by == "session":
        wanted = row["session_id"]
        fitting = [one for one in own if session_label(_session(one)) == wanted]
    elif join.by == "date":
        return _nearest(own, parse_day(str(row.get("scan_day", ""))), window)
    else:
        fitting = own
    if len(fitting) > 1:
        join.several += 1
    return fitting[0] if len(fitting) == 1 else None


def _session(row: Row) -> str:
    return row.text(*SESSION) or ""


def _nearest(rows: Sequence[Row], when: date | None, window: int) -> Row | None:
    timed = []
    for row in rows:
        day = row.day(*DAY)
        days = None if when is None or day is None else days_between(when, day)
        if days is not None and abs(days) <= window:
            timed.append((abs(days), days, row.line, row))
    return min(timed)[-1] if timed else None


def _said(join: _Join, scans: int) -> list[str]:
    joined = f"{len(join.used)} row(s) for {scans} scans"
    said = [f"{join.table.name} is joined by {join.by}: {joined}"]
    if join.several:
        said.append(
            f"{join.table.name}: {join.several} scan(s) have several rows, none is used"
        )
    if join.differ:
        said.append(
            f"{join.table.name}: {join.differ} value(s) differ from those known"
            " already, which stay"
        )
    return said
