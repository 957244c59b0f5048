"""A study from its file to its report: steps in order, finished ones passed over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crosswarp.execution.build import build_engine
from crosswarp.execution.engine import Engine
from crosswarp.execution.isolated import preload
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.locks import locked
from crosswarp.running.external import check_external
from crosswarp.running.folder import StudyFolder
from crosswarp.running.job import Job
from crosswarp.running.needs import check_sources, require_made
from crosswarp.running.progress import StudyProgress
from crosswarp.running.record import StepRow, StudyRecord
from crosswarp.running.stages import STAGES
from crosswarp.running.steps import Step, chosen_steps
from crosswarp.study.settings import Study, read_study

Tell = Callable[[str], None]
"""Takes a sentence for a person."""

_MAPS: Final = (
    "crosswarp.preprocessing.scan",
    "ants",
    "torch",
    "deepbet",
    "crosswarp.preprocessing.ready",
)

PRELOADED: Final[dict[Step, tuple[str, ...]]] = {
    "simulate": ("crosswarp.simulation.cohort",),
    "preprocess": _MAPS,
    "compare": ("crosswarp.training.fold", "torch._dynamo"),
    "explain": ("crosswarp.explanation.cell",),
    "external_predict": _MAPS,
}
"""Loaded once for all steps, before the first child process is forked."""


def tell_nobody(sentence: str) -> None:
    """Take a sentence and do nothing."""


@dataclass(frozen=True)
class StudyResult:
    """What came of a study.

    Attributes:
        folder: Where everything is.
        steps: How each step ended.
    """

    folder: StudyFolder
    steps: tuple[StepRow, ...]


@dataclass(frozen=True)
class Again:
    """What is done again although it is there.

    Attributes:
        maps: Maps that were made with other settings.
        tables: Tables of cohort and folds that the study did not write, or that were
            changed since.
        failed: Scans that failed.
    """

    maps: bool = False
    tables: bool = False
    failed: bool = False


def run_study(
    study: Study | Path,
    *,
    steps: str | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
    tell: tuple[Tell, Tell] = (tell_nobody, tell_nobody),
    again: Again | None = None,
) -> StudyResult:
    """Do the steps of a study, or go on with them.

    A step that was finished from the same inputs with the same settings is passed
    over; one that was interrupted resumes. A scan that fails stops
    nothing: the study goes on without it, and says so.

    Args:
        study: All choices, or the file that has them.
        steps: ``FIRST..LAST``, or one step; all when None.
        engine: Where preprocessing and training run; as the study says when None.
        progress: Told of every task.
        tell: Told in a sentence what came of each step, and what a user should know of.
        again: What is done again although it is there.

    Raises:
        InputError: If the file has faults, or there are no such steps.
        MissingDerivativeError: If steps that are not asked for have not been done.
        OccupiedError: If something else is where the study would write.
        LockedError: If another process works on the study.
        IncompleteError: If a step could not be ended; what is done stays, and the same
            call goes on.
    """
    chosen = read_study(study) if isinstance(study, Path) else study
    folder, asked = StudyFolder(chosen), chosen_steps(chosen, steps)
    check_sources(chosen)
    require_made(folder, asked)
    check_external(folder, asked)
    engine = engine or build_engine(chosen.engine)
    with locked(folder.out):
        record = StudyRecord(folder)
        shown = StudyProgress(progress or SilentProgress(), asked, record.seconds)
        job = _Job(folder, engine, shown, tell, again or Again())
        return StudyResult(folder, tuple(_rows(job, record, asked)))


class _Job:
    """Makes the `Job` of each step."""

    def __init__(
        self,
        folder: StudyFolder,
        engine: Engine,
        shown: StudyProgress,
        tell: tuple[Tell, Tell],
        again: Again,
    ) -> None:
        self.again, self.progress = again, shown
        self.say, self.warn = tell
        self._fixed = (folder, engine, shown, *tell)

    def of(self, step: Step, record: StudyRecord) -> Job:
        """Give what a step needs; its own tables may be replaced."""
        ours = record.is_as_written(step)
        return Job(
            *self._fixed,
            redo=self.again.maps,
            overwrite=self.again.tables or ours,
            retry_failed=self.again.failed,
        )


def _rows(job: _Job, record: StudyRecord, asked: Sequence[Step]) -> list[StepRow]:
    rows = []
    for step in asked:
        job.progress.begin(step)
        anew = step in ("preprocess", "external_predict") and job.again.failed
        if record.is_done(step) and not anew:
            rows.append(record.skipped(step))
            continue
        # For all later steps, too: what is not loaded before the first child never is.
        preload([name for later in asked for name in PRELOADED.get(later, ())])
        current = job.of(step, record)
        record.begin(step)
        STAGES[step](current)
        rows.append(record.finish(step, job.progress.pieces))
    if rows and all(row.skipped for row in rows):
        job.say("every step is finished, from the same inputs and settings")
    return rows
