"""Scans of a cohort that have no maps: which, and what preprocessing said of them."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.ledger import LEDGER, read_ledger
from crosswarp.bids.matching import match_ids
from crosswarp.bids.tables import read_table
from crosswarp.errors import InputError
from crosswarp.inputs.scan_files import DESCRIPTIONS, Derivatives, ScanFiles
from crosswarp.study.names import LONGITUDINAL_LEDGER

COLUMNS: Final = ("participant_id", "session_id", "diagnosis", "lacks", "reason")

_NOT_TRIED: Final = "not in the ledger of preprocessing"

_NOT_COMPARED: Final = (
    "it was not compared with an earlier scan: it is the first, or crosswarp preprocess"
    " was run without `longitudinal=True`"
)

_NO_LEDGER: Final = (
    "the ledger of preprocessing cannot be read; run crosswarp preprocess again, which"
    " makes a new one"
)


def list_missing(
    cohort: pd.DataFrame, derivatives: Derivatives, samples: Sequence[ScanFiles]
) -> pd.DataFrame:
    """List the scans that are left out because maps are missing.

    Args:
        cohort: All scans of the analysis.
        derivatives: Where the maps are.
        samples: Those that have both maps.

    Returns:
        One row a scan: ``participant_id``, ``session_id``, ``diagnosis``; ``lacks``,
        the maps that are not there, ``none`` where the quality control refuses them;
        ``reason``, the ledger's.
    """
    there = {files.scan for files in samples}
    reasons, unknown = _reasons(derivatives)
    near, changes = _respelt(cohort, reasons), _changes(derivatives)
    rows = []
    for row in cohort.to_dict("records"):
        scan = ScanId.from_row(str(row["participant_id"]), row["session_id"])
        if scan in there:
            continue
        wanted = DESCRIPTIONS | derivatives.descriptions
        lacks = [n for n, desc in wanted.items() if not derivatives.has(scan, desc)]
        reason = reasons.get(scan.label, near.get(scan.label, unknown))
        # The map of change alone; a scan of whose maps none is lacking was refused.
        if lacks and set(lacks) == {derivatives.maps[1]} - set(DESCRIPTIONS):
            reason = changes.get(scan.label, _NOT_COMPARED)
        rows.append(
            {
                "participant_id": scan.participant_id,
                "session_id": scan.session_id or NOT_AVAILABLE,
                "diagnosis": row["diagnosis"],
                "lacks": ", ".join(lacks) or "none",
                "reason": reason,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _changes(derivatives: Derivatives) -> dict[str, str]:
    """Read why visits were not compared, by the label of the later scan."""
    path, needed = derivatives.folder / LONGITUDINAL_LEDGER, ("status", "reason")
    ids = ["participant_id", "session_id"]
    try:
        table = read_table(path, [*ids, *needed], text=[*ids, *needed])
    except InputError:
        return {}
    failed = table[table["status"] != "ok"]
    return {
        ScanId.from_row(str(row["participant_id"]), row["session_id"]).label: str(
            row["reason"]
        )
        for row in failed.to_dict("records")
    }


def _reasons(derivatives: Derivatives) -> tuple[dict[str, str], str]:
    """Read what the ledger says of scans by label, and say what of all others."""
    try:
        return _ledger(derivatives), _NOT_TRIED
    except InputError:
        return {}, _NO_LEDGER


def _ledger(derivatives: Derivatives) -> dict[str, str]:
    path = derivatives.folder / LEDGER
    if not path.is_file():
        return {}
    needed = ("participant_id", "session_id", "status", "reason")
    space, resolution = derivatives.space, derivatives.resolution
    ledger = read_ledger(path, space, resolution, required=needed)
    found = {}
    for row in ledger.to_dict("records"):
        scan = ScanId.from_row(str(row["participant_id"]), row["session_id"])
        known = str(row["reason"]) if pd.notna(row["reason"]) else str(row["status"])
        found[scan.label] = known
    return found


def _respelt(cohort: pd.DataFrame, reasons: Mapping[str, str]) -> dict[str, str]:
    """Say which scans stand in the ledger under another spelling of their name."""
    rows = cohort[["participant_id", "session_id"]].to_numpy()
    labels = [ScanId.from_row(str(person), session).label for person, session in rows]
    found = match_ids(labels, list(reasons)).respelt
    return {label: f"{_NOT_TRIED}, which has {row}" for label, row in found.items()}
