"""The ledger: what became of every scan of a cohort, a row each."""

import re
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.ledger import LEDGER, RESOLUTION, SPACE
from crosswarp.bids.names import name_fault
from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import InputError, StorageError
from crosswarp.machine import machine_status
from crosswarp.preprocessing.ledger_row import (
    UNKNOWN,
    Grid,
    LedgerRow,
    passes_now,
    refused,
    row_of,
    row_of_record,
    said_of,
)
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.preprocessing.record import MapRecord, is_number, read_record
from crosswarp.preprocessing.request import (
    ScanRequest,
    lost_products,
    record_path,
)

__all__ = ["LEDGER", "Ledger", "LedgerRow", "refused", "row_of"]

_RECORD: Final = "_desc-logjacobian_T1w.json"

_GRID: Final = re.compile(r"_space-([A-Za-z0-9]+)_res-(\d+)_")


class Ledger:
    """The ledger in memory: rows of earlier runs and of this one.

    One that is damaged or gone is made anew from the records of the maps. What was
    refused has none, and is tried again.

    Args:
        out: Folder of the derivatives.

    Attributes:
        said: Sentences on a ledger that was no whole one.
        judged_again: Scans whose verdict is another one by the limits that are asked
            for: label, verdict before, verdict now.

    Raises:
        StorageError: If the system does not let it be read.
    """

    def __init__(self, out: Path) -> None:
        self.said: list[str] = []
        self.judged_again: list[tuple[str, str, str]] = []
        self._path = out / LEDGER
        self._rows: dict[tuple[ScanId, Grid], dict[str, Any]] = {}
        try:
            rows = _read_rows(self._path)
        except InputError as error:
            if machine_status(error):
                msg = f"{error}; give the same command again when it can"
                raise StorageError(msg) from error
            self._remake(out, str(error))
            return
        if rows is None:
            self._remake(out, f"there is no {LEDGER}")
        for row in rows or []:
            self._take(out, row)

    def _remake(self, out: Path, why: str) -> None:
        """Make the rows of all maps that are there from their records."""
        for path in sorted(out.glob(f"sub-*/**/*{_RECORD}")):
            named, record = _GRID.search(path.name), read_record(path)
            if named is not None and record is not None:
                grid = (named[1], int(named[2]))
                self.add(row_of_record(ScanId.parse(path.name), grid, record))
        if self._rows or self._path.is_file():
            self.said.append(
                f"{why}; a new one is made of the records of {len(self._rows)} maps"
            )

    def _take(self, out: Path, row: dict[str, Any]) -> None:
        """Take a row that was read, or say that it cannot be."""
        try:
            self._take_sound(out, row)
        except (InputError, TypeError, ValueError, OverflowError) as error:
            told = " ".join(str(error).split())
            self.said.append(f"a row of {self._path} is left out: {told:.200}")

    def _take_sound(self, out: Path, row: dict[str, Any]) -> None:
        """Take a row; find the grid of one that does not say it."""
        ids = {name: row.pop(name) for name in ("participant_id", "session_id")}
        scan = ScanId.from_row(*ids.values())
        if fault := name_fault(scan):
            raise InputError(fault)
        space = row.pop(SPACE, None)
        spacing = pd.to_numeric(row.pop(RESOLUTION, None), errors="coerce")
        if isinstance(space, str) and pd.notna(spacing):
            grid = (space, int(spacing))
        else:
            grid = _grid_of(out, scan, row.get("fingerprint"))
        self._rows[scan, grid] = {**ids, **said_of(grid), **row}

    def keeps(
        self, request: ScanRequest, retry_failed: bool, *, by_digest: bool = False
    ) -> bool:
        """Whether the scan needs nothing done; notes what its maps are worth now.

        Args:
            request: Scan that is requested.
            retry_failed: Do failed scans again.
            by_digest: Whether all bytes of its files are read, or only their sizes.
        """
        self._settle(request)
        record, limits = read_record(record_path(request)), request.settings.limits
        if request.is_asked(record) and not lost_products(request, by_digest=by_digest):
            self.judge(request.scan, request.grid, record, limits)
            return True
        row = self.row(request)
        if row.get("fingerprint") == request.fingerprint and row["status"] == "failed":
            return not (retry_failed or passes_now(row, limits))
        return False

    def judge(
        self, scan: ScanId, grid: Grid, record: MapRecord, limits: QualityLimits
    ) -> None:
        """Hold the recorded numbers of maps against limits, and note the verdict.

        Where the row has other numbers than the record, the record is right.

        Args:
            scan: Identifier of the scan.
            grid: Of its maps.
            record: Record of its maps.
            limits: Of the quality control.
        """
        new = row_of_record(scan, grid, record, limits)
        row = self._rows.get((scan, grid), {})
        judged = row.get("status") in ("ok", "failed")
        if row.get("fingerprint") != record.fingerprint or not judged:
            self.add(new)
            return
        now = {name: new.as_row()[name] for name in ("status", "qc", "reason")}
        before = {name: row[name] for name in now if isinstance(row.get(name), str)}
        other = {
            name: value
            for name, value in record.numbers.items()
            if not is_number(row.get(name), value)
        }
        if {**dict.fromkeys(now, NOT_AVAILABLE), **before} == now and not other:
            return
        self._rows[scan, grid] = {**row, **now, **other}
        if "qc" in before and before["qc"] != now["qc"]:
            self.judged_again.append((scan.label, before["qc"], now["qc"]))

    def _settle(self, request: ScanRequest) -> None:
        """Give a row that does not say its grid the one of a request that it is of."""
        row = self._rows.get((request.scan, UNKNOWN), {})
        if row and row.get("fingerprint") == request.fingerprint:
            del self._rows[request.scan, UNKNOWN]
            self._rows[request.scan, request.grid] = {**row, **said_of(request.grid)}

    def row(self, request: ScanRequest) -> dict[str, Any]:
        """Return what was noted of a scan on its grid; empty when nothing was."""
        unsaid = self._rows.get((request.scan, UNKNOWN), {})
        return self._rows.get((request.scan, request.grid), unsaid)

    def add(self, row: LedgerRow) -> None:
        """Note a scan, in place of what was noted of it on the same grid before."""
        self._rows.pop((row.scan, UNKNOWN), None)
        self._rows[row.scan, row.grid] = row.as_row()

    def rows(self) -> dict[tuple[ScanId, Grid], dict[str, Any]]:
        """Return all rows, by scan and grid."""
        return dict(self._rows)

    def table(self) -> pd.DataFrame:
        """Return all rows, sorted by scan, space and spacing."""
        return pd.DataFrame([self._rows[key] for key in sorted(self._rows)])

    def write(self) -> None:
        """Write the ledger, unless it is empty."""
        if self._rows:
            write_table(self._path, self.table())


def _grid_of(out: Path, scan: ScanId, made: object) -> Grid:
    """Find the grid of the maps with a fingerprint, among those of a scan."""
    pattern = f"{scan.label}_space-*_res-*{_RECORD}"
    for path in sorted((out / scan.participant_id).rglob(pattern)):
        record, named = read_record(path), _GRID.search(path.name)
        if named is not None and record is not None and record.fingerprint == made:
            return (named[1], int(named[2]))
    return UNKNOWN


def _read_rows(path: Path) -> list[dict[str, Any]] | None:
    """Read the rows of a ledger; None where there is none."""
    if not path.is_file():
        return None
    needed = ["participant_id", "session_id", "status"]
    table = read_table(path, needed, text=[*needed, "fingerprint", SPACE])
    return [
        {str(name): value for name, value in row.items()}
        for row in table.to_dict("records")
    ]
