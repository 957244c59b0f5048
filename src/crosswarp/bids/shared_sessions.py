"""One table of all sessions of all participants, as BEP036 proposes."""

from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.tables import read_text_table
from crosswarp.errors import InputError

SESSIONS: Final = "sessions.tsv"
"""Lies beside ``participants.tsv``."""

_KEYS: Final = {"participant_id", "session_id"}


def shared_sessions(path: Path) -> dict[str, pd.DataFrame]:
    """Return the rows of a table of all sessions by participant.

    Args:
        path: Of the table, which need not be there.

    Returns:
        Nothing where there is no such table, or it lacks one of both ids.
    """
    try:
        table = read_text_table(path)
    except InputError:
        return {}
    if not set(table.columns) >= _KEYS:
        return {}
    return {str(name): rows for name, rows in table.groupby("participant_id")}
