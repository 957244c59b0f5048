"""Scans of a cohort that have no maps: which, and what preprocessing said of them."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.tables import read_table
from crosswarp.inputs.samples import DESCRIPTIONS, Derivatives, ScanFiles

COLUMNS: Final = ("participant_id", "session_id", "diagnosis", "lacks", "reason")

_LEDGER: Final = "ledger.tsv"
"""Where preprocessing says what became of each scan."""

_NOT_TRIED: Final = "not in the ledger of preprocessing"


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
        the maps that are not there; ``reason``, the ledger's.
    """
    there = {files.scan for files in samples}
    reasons = _reasons(derivatives)
    rows = []
    for row in cohort.to_dict("records"):
        scan = ScanId.from_row(str(row["participant_id"]), row["session_id"])
        if scan in there:
            continue
        lacks = [
            name
            for name, desc in DESCRIPTIONS.items()
            if not derivatives.path(scan, desc).is_file()
        ]
        rows.append(
            {
                "participant_id": scan.participant_id,
                "session_id": scan.session_id or NOT_AVAILABLE,
                "diagnosis": row["diagnosis"],
                "lacks": ", ".join(lacks),
                "reason": reasons.get(scan.label, _NOT_TRIED),
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _reasons(derivatives: Derivatives) -> dict[str, str]:
    path = derivatives.folder / _LEDGER
    if not path.is_file():
        return {}
    ledger = read_table(path, ["participant_id", "session_id", "status", "reason"])
    found = {}
    for row in ledger.to_dict("records"):
        scan = ScanId.from_row(str(row["participant_id"]), row["session_id"])
        known = str(row["reason"]) if pd.notna(row["reason"]) else str(row["status"])
        found[scan.label] = known
    return found
