"""All scans of a data set to maps: found, compared with what is there, made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from crosswarp.bids.dataset import FoundScans, find_scans
from crosswarp.bids.derived import find_derived, made_by
from crosswarp.bids.left_out import refuse_empty, summary_of, write_left_out
from crosswarp.bids.series import SeriesChoice
from crosswarp.execution.engine import Engine
from crosswarp.execution.progress import Progress
from crosswarp.execution.work import Work
from crosswarp.preprocessing.changes import refuse_changes, sentences
from crosswarp.preprocessing.cohort import WORK, plan_cohort, run_plan, working_on
from crosswarp.preprocessing.derivatives import derivatives_settings
from crosswarp.preprocessing.settings import PreprocessSettings


@dataclass(frozen=True)
class ScansAsked:
    """Which scans are preprocessed, and what each may take.

    Attributes:
        place: A data set, a folder, a file, or a table of a cohort; see `find_scans`.
        participants: Only these; all when empty.
        prefer: Entities that choose among several T1w images of a session.
        series: DICOM series to take.
        timeout_s: Longest time of one scan.
        memory_mb: Most memory of one scan, in MB.
        retry_failed: Whether failed scans are done again.
        redo: Whether maps that were made with other options are made again.
        from_derivatives: Whether ``place`` is a folder of derivatives of fMRIPrep or
            sMRIPrep, whose masks and transforms are used as they are.
    """

    place: Path
    participants: Sequence[str] = ()
    prefer: Sequence[str] = ()
    series: SeriesChoice = field(default_factory=SeriesChoice)
    timeout_s: float = WORK.timeout_s or 1800.0
    memory_mb: float = WORK.memory_mb or 8000.0
    retry_failed: bool = False
    redo: bool = False
    from_derivatives: bool = False

    @property
    def work(self) -> Work:
        """What is done to each scan, within the limits."""
        return replace(WORK, timeout_s=self.timeout_s, memory_mb=self.memory_mb)


def found_with(
    asked: ScansAsked, out: Path, settings: PreprocessSettings
) -> tuple[FoundScans, PreprocessSettings]:
    """Find the scans, and the settings that fit what they are.

    Args:
        asked: Scans that are requested.
        out: Folder of the derivatives that are made.
        settings: All choices of preprocessing.

    Raises:
        InputError: If no scan is found.
    """
    if asked.from_derivatives:
        settings = derivatives_settings(settings, made_by(asked.place))
        found = find_derived(asked.place, settings.space, asked.participants)
        return found, settings
    found = find_scans(
        asked.place, asked.participants, asked.prefer, asked.series, [out]
    )
    return found, settings


def preprocess_data_set(
    asked: ScansAsked,
    out: Path,
    settings: PreprocessSettings,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[pd.DataFrame, FoundScans]:
    """Preprocess all scans of a data set; one that fails never stops the others.

    Args:
        asked: Scans that are requested.
        out: Folder of the derivatives.
        settings: All choices of preprocessing.
        engine: Where it runs; one process at a time, on this machine, when None.
        progress: Told of every finished scan.
        say: Told what is left out or made again, and why, before it begins.

    Returns:
        The rows of the ledger, as `preprocess_cohort` returns them, and the scans.

    Raises:
        InputError: If no scan is found.
        OccupiedError: If maps that are there were made with other options, and they
            are not to be made again; or as `preprocess_cohort` raises it.
        CrosswarpError: As `preprocess_cohort` does.
    """
    found, settings = found_with(asked, out, settings)
    for sentence in summary_of(found.left_out, out):
        say(f"left out: {sentence}")
    refuse_empty(found, asked.place)
    with working_on(found, out):
        plan = plan_cohort(found, out, settings, retry_failed=asked.retry_failed)
        changes = plan.changes()
        if not asked.redo:
            refuse_changes(changes)
        for sentence in [*plan.warnings(), *sentences(changes)]:
            say(sentence)
        ledger = run_plan(plan, work=asked.work, engine=engine, progress=progress)
        write_left_out(out, found.left_out)
    return ledger, found
