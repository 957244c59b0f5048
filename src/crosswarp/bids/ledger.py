"""The ledger of preprocessing, as later stages read it: the rows of one grid."""

from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.tables import numbers_of, read_table
from crosswarp.errors import InputError

LEDGER: Final = "ledger.tsv"
"""Of a folder of derivatives: a row for each scan and grid."""

SPACE: Final = "space"
RESOLUTION: Final = "resolution"
"""Columns that say which maps a row is about; absent in the first ledgers."""


def read_ledger(
    path: Path,
    space: str | None = None,
    resolution: int | None = None,
    *,
    required: tuple[str, ...] = ("participant_id", "session_id"),
) -> pd.DataFrame:
    """Read what became of the scans of one grid.

    Args:
        path: Path of the ledger.
        space: Name of the template; any when None.
        resolution: Spacing of the maps, in mm; any when None.
        required: Columns that must be there.

    Returns:
        The rows of that grid, without the columns that name it. Rows that do not say
        their grid, as earlier versions wrote them, count unless another one does.

    Raises:
        InputError: If the file is no such table.
    """
    text = ("participant_id", "session_id", SPACE, "status", "reason", "fingerprint")
    table = rows_of(read_table(path, required, text=text), space, resolution)
    return table.drop(columns=[SPACE, RESOLUTION], errors="ignore")


def refused_by_quality(path: Path, space: str, resolution: int) -> set[ScanId]:
    """List the scans of one grid that the quality control refuses.

    Their maps may be there: limits can be set anew after maps were made.

    Args:
        path: Path of the ledger.
        space: Name of the template.
        resolution: Spacing of the maps, in mm.

    Returns:
        Empty where there is no ledger, or none that can be read.
    """
    try:
        table = read_ledger(path, space, resolution) if path.is_file() else None
    except InputError:
        return set()
    if table is None or not {"status", "qc"} <= set(table.columns):
        return set()
    rows = table[(table["status"] == "failed") & (table["qc"] == "failed")]
    names = zip(rows["participant_id"], rows["session_id"], strict=True)
    return {ScanId.from_row(str(person), session) for person, session in names}


def rows_of(
    ledger: pd.DataFrame, space: str | None, resolution: int | None
) -> pd.DataFrame:
    """Choose the rows of one grid; see `read_ledger`."""
    if not {SPACE, RESOLUTION} <= set(ledger.columns):
        return ledger
    named = ledger[SPACE].fillna(NOT_AVAILABLE)
    spacing = numbers_of(ledger[RESOLUTION])
    right = pd.Series(True, ledger.index)
    if space is not None:
        right &= named == space
    if resolution is not None:
        right &= spacing == resolution
    silent = (named == NOT_AVAILABLE) & spacing.isna()
    sessions = ledger["session_id"] if "session_id" in ledger else [None] * len(ledger)
    scans = pd.Series(
        [
            ScanId.from_row(str(who), session).label
            for who, session in zip(ledger["participant_id"], sessions, strict=True)
        ],
        ledger.index,
        dtype=object,
    )
    told = scans.isin(scans[right & ~silent])
    return ledger[(right & ~silent) | (silent & ~told)]
