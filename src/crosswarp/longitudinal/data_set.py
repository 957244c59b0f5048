"""The step after the ordinary maps of a data set: people with several sessions."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from crosswarp.bids.dataset import FoundScans
from crosswarp.bids.derived import made_by
from crosswarp.execution.engine import Engine
from crosswarp.execution.progress import Progress
from crosswarp.longitudinal.cohort import WORK, LongitudinalAsked, compare_sessions
from crosswarp.longitudinal.visit_times import SessionTimes
from crosswarp.preprocessing.data_set import ScansAsked
from crosswarp.preprocessing.derivatives import derivatives_settings
from crosswarp.preprocessing.settings import PreprocessSettings


def longitudinal_asked(
    asked: ScansAsked, session_times: Path | None
) -> LongitudinalAsked:
    """Take over the limits of the ordinary maps; refuse a table that says no times.

    Args:
        asked: What is asked of the ordinary maps.
        session_times: The user's table of times; None where there is none.

    Raises:
        InputError: If the table cannot be used: said before hours of work.
    """
    if session_times is not None:
        SessionTimes(None, [session_times])
    # Several registrations, where the ordinary maps have one.
    work = replace(WORK, timeout_s=2 * asked.timeout_s, memory_mb=asked.memory_mb)
    return LongitudinalAsked(session_times, work=work, retry_failed=asked.retry_failed)


def compare_data_set(
    asked: ScansAsked,
    made: tuple[pd.DataFrame, FoundScans],
    chosen: tuple[Path, PreprocessSettings],
    compared: LongitudinalAsked,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Compare the sessions of all people of a data set whose ordinary maps are made.

    Args:
        asked: What was asked of the ordinary maps.
        made: Their ledger, and the scans that were found.
        chosen: Folder of the derivatives, and settings of the ordinary maps.
        compared: What is asked of the change.
        engine: Where it runs; one process at a time, on this machine, when None.
        progress: Told of every finished pair.

    Returns:
        A row for each pair of visits; see `compare_sessions`.
    """
    out, settings = chosen
    if asked.from_derivatives:
        settings = derivatives_settings(settings, made_by(asked.place))
    ledger, found = made
    return compare_sessions(
        found, ledger, out, settings, compared, engine=engine, progress=progress
    )
