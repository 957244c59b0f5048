"""Scans that a table of a cohort lists with their paths."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.names import name_fault
from crosswarp.bids.raw import FoundScans, RawScan
from crosswarp.bids.series import SeriesChoice
from crosswarp.bids.tables import read_text_table
from crosswarp.documents import path_from
from crosswarp.errors import InputError

TABLE: Final = ".tsv"
PATH: Final = "path"
"""Column with the scan's file or folder, from the table's folder on."""


def find_listed(
    table: Path, participants: Sequence[str], series: SeriesChoice | None
) -> FoundScans:
    """Find the scans that a table lists, as `crosswarp cohort` writes it.

    Args:
        table: With ``participant_id``, ``session_id`` and ``path``.
        participants: Only these, with or without ``sub-``; all when empty.
        series: The series to take of DICOM examinations.

    Raises:
        InputError: If the table lacks a column, lists a session twice, or lacks a
            participant that was asked for.
    """
    rows = read_text_table(table)
    lacking = {"participant_id", "session_id", PATH} - set(rows.columns)
    if lacking:
        msg = (
            f"{table} lacks {', '.join(sorted(lacking))}: expected the table of"
            " `crosswarp cohort` on an archive, or a folder of scans"
        )
        raise InputError(msg)
    wanted = {f"sub-{name.removeprefix('sub-')}" for name in participants}
    missing = wanted - set(rows["participant_id"])
    if missing:
        msg = f"{', '.join(sorted(missing))} not in {table}"
        raise InputError(msg)
    found = FoundScans([], [], [], place=table)
    seen: set[ScanId] = set()
    for row in rows.to_dict("records"):
        scan = ScanId.from_row(row["participant_id"], row["session_id"])
        if wanted and scan.participant_id not in wanted:
            continue
        if scan in seen:
            msg = f"{table}: {scan.label} is there more than once; keep one row"
            raise InputError(msg)
        seen.add(scan)
        _add(found, scan, str(row[PATH]), table.parent, series or SeriesChoice())
    found.scans.sort(key=lambda raw: raw.scan)
    return found


def _add(
    found: FoundScans, scan: ScanId, written: str, folder: Path, series: SeriesChoice
) -> None:
    if written in {"", NOT_AVAILABLE}:
        found.problems.append((scan, "the table gives no path of its scan"))
    elif fault := name_fault(scan):
        found.problems.append((scan, fault))
    else:
        path = path_from(folder, written)
        found.scans.append(RawScan(scan, path, series.of(scan)))
