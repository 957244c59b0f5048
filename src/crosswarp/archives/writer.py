"""A cohort made of an archive as tables: the scans, what was left out, a summary."""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from crosswarp.archives.records import Exclusion, Imported
from crosswarp.bids.cohort import EXCLUDED_COLUMNS, excluded_path
from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.rows import (
    ValueReader,
    table_of,
    unknown_columns,
    without_identifiers,
)
from crosswarp.bids.tables import write_table
from crosswarp.bids.values import Notes
from crosswarp.errors import InputError
from crosswarp.study.names import COHORT, EXCLUDED


@dataclass(frozen=True)
class Written:
    """What to say of the two tables, without anything of a participant.

    Attributes:
        counts: Scans, participants and labels.
        left_out: Number of scans and rows in the table of what was left out.
        reasons: Each reason with its number, the most frequent first.
        notes: What was found, matched or read otherwise than it is written.
    """

    counts: str
    left_out: int
    reasons: list[str]
    notes: list[str]


def places_of(out: Path) -> tuple[Path, Path]:
    """Name the tables of scans and of what was left out.

    Args:
        out: A folder; or the table of scans, by its ending ``.tsv``.

    Example:
        >>> [path.name for path in places_of(Path("a/cohort.tsv"))]
        ['cohort.tsv', 'cohort_excluded.tsv']
        >>> [path.as_posix() for path in places_of(Path("out"))]
        ['out/cohort.tsv', 'out/excluded.tsv']
    """
    if out.suffix == ".tsv":
        return out, excluded_path(out)
    return out / COHORT, out / EXCLUDED


def write_import(imported: Imported, cohort: Path, excluded: Path) -> Written:
    """Write both tables.

    Args:
        imported: The cohort of an archive.
        cohort: Path of the table of scans; paths in it are written from its folder.
        excluded: Path of the table of what was left out.

    Raises:
        InputError: If no scan is left; says why by reason.
    """
    table, said = cohort_table(imported, cohort.parent)
    reasons = summary(imported.exclusions)
    if not len(table):
        msg = f"no scan with a label is left. Left out: {'; '.join(reasons[:10])}"
        raise InputError(msg)
    write_table(cohort, table)
    write_table(excluded, excluded_table(imported.exclusions))
    labels = table["diagnosis"].value_counts(sort=False)
    listed = ", ".join(f"{number} {name}" for name, number in labels.items())
    people = table["participant_id"].nunique()
    counts = f"{len(table)} scans of {people} participants ({listed})"
    return Written(counts, len(imported.exclusions), reasons, [*imported.notes, *said])


def cohort_table(imported: Imported, folder: Path) -> tuple[pd.DataFrame, list[str]]:
    """Make the table of the scans, as `crosswarp.bids.cohort.read_cohort` reads it.

    Args:
        imported: The cohort; a scan with a fault joins its exclusions.
        folder: Where the table will lie: paths of scans are written from there, so that
            both can be moved together.

    Returns:
        The table, and what is to be said of it.
    """
    notes = Notes()
    options = imported.labels
    reader = ValueReader(options.missing, options.sex_codes, notes)
    seen: set[ScanId] = set()
    rows = []
    for row in imported.rows:
        written = row | {"path": _way(row["path"], folder)}
        try:
            scan = ScanId(row["participant_id"], row["session_id"])
            if scan in seen:
                msg = "the session is there twice"
                raise InputError(msg)
            rows.append(reader.row(scan, row["diagnosis"], written))
            seen.add(scan)
        except InputError as error:
            imported.exclusions.append(_faulty(row, str(error)))
    table, said = without_identifiers(table_of(rows))
    # What was written there is of a participant: the column is enough.
    strange = Counter(
        what.split()[0] for what in notes.people for _ in notes.people[what]
    )
    said += [
        f"{column}: {number} value(s) are not understood and are missing"
        for column, number in strange.items()
    ]
    return table, said + (unknown_columns(table)[:-1] if len(table) else [])


def excluded_table(exclusions: list[Exclusion]) -> pd.DataFrame:
    """Make the table of what was left out: who, why, which file or row, numbers."""
    rows = sorted(
        (
            one.participant,
            one.session,
            one.reason,
            one.detail or NOT_AVAILABLE,
            one.item,
        )
        for one in exclusions
    )
    return pd.DataFrame(rows, columns=[*EXCLUDED_COLUMNS, "detail", "item"])


def summary(exclusions: list[Exclusion]) -> list[str]:
    """Count what was left out by reason, the most frequent first."""
    counts = Counter(one.reason for one in exclusions)
    return [f"{number} {reason}" for reason, number in counts.most_common()]


def _way(path: Path | None, folder: Path) -> str:
    if path is None:
        return NOT_AVAILABLE
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()


def _faulty(row: dict[str, Any], reason: str) -> Exclusion:
    item = "" if row["path"] is None else Path(row["path"]).name
    return Exclusion(row["participant_id"], row["session_id"], reason, item)
