"""Scans of participants who have several, of whom one is used."""

from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.sessions import in_order
from crosswarp.bids.tables import write_table

COLUMNS: Final = ("participant_id", "session_id", "diagnosis", "used_session", "reason")

REASON: Final = (
    "a later scan of the participant; scans_per_participant: all would use it too"
)


def list_passed_over(cohort: pd.DataFrame, used: pd.DataFrame) -> pd.DataFrame:
    """List the scans that are not used because the participant has an earlier one.

    Args:
        cohort: All scans of the analysis.
        used: Those of them that are used: one a participant.

    Returns:
        One row a scan, in the order of time: ``participant_id``, ``session_id``,
        ``diagnosis``; ``used_session``, of the scan that is used instead; ``reason``.
    """
    rest = in_order(cohort.drop(index=used.index))
    instead = used.drop_duplicates("participant_id").set_index("participant_id")
    table = rest.assign(
        used_session=rest["participant_id"].map(instead["session_id"]), reason=REASON
    )
    return table[list(COLUMNS)].reset_index(drop=True)


def passed_over_note(passed_over: pd.DataFrame) -> str:
    """Say on one line how many scans are passed over; empty when none is."""
    if passed_over.empty:
        return ""
    people = passed_over["participant_id"].nunique()
    return (
        f"one scan a participant: {len(passed_over)} later scans of {people}"
        " participants are passed over (scans_per_participant: all uses them)"
    )


def write_rows(path: Path, table: pd.DataFrame) -> None:
    """Write a table; without a row there is no file, an older one included."""
    if len(table):
        write_table(path, table)
    else:
        path.unlink(missing_ok=True)
