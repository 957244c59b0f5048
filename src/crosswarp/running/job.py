"""What every step of a study is given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from crosswarp.execution.engine import Engine
from crosswarp.execution.options import WORKERS
from crosswarp.running.folder import StudyFolder
from crosswarp.running.progress import StudyProgress
from crosswarp.study.settings import Study
from crosswarp.training.experiment import Comparison, Experiment

STOPS: Final = ("machine", "disk", "lost")
"""States of scans that say nothing of the scan: the study waits for another try."""


@dataclass(frozen=True)
class Job:
    """A study at work.

    Attributes:
        folder: Where everything is.
        engine: Where preprocessing and training run.
        progress: Told of every task.
        say: Told in a sentence what came of a step.
        warn: Told in a sentence what a user should know of.
        redo: Whether maps that were made with other settings are made again.
        overwrite: Whether tables that are there are replaced.
        retry_failed: Whether failed scans are done again.
    """

    folder: StudyFolder
    engine: Engine
    progress: StudyProgress
    say: Callable[[str], None]
    warn: Callable[[str], None]
    redo: bool = False
    overwrite: bool = False
    retry_failed: bool = False

    @property
    def study(self) -> Study:
        """All choices."""
        return self.folder.study

    @property
    def workers(self) -> int:
        """Processes at a time of the steps that always run on this machine."""
        return self.study.engine.workers or WORKERS


def experiment_of(folder: StudyFolder) -> Experiment:
    """Make the experiment of a study, whose cohort, folds and maps are there.

    Args:
        folder: Of the study.

    Raises:
        pydantic.ValidationError: If one of them is not there.
    """
    study = folder.study
    given = {name: getattr(study, name) for name in Comparison.model_fields}
    chosen = {name: given[name] for name in given if name in study.model_fields_set}
    maps = study.preprocessing
    if "registration" in maps.model_fields_set:
        chosen["registration"] = maps.registration.backend
    places = {
        "cohort": folder.cohort,
        "derivatives": folder.derivatives,
        "folds": folder.folds,
        "resolution": maps.resolution,
        "space": maps.space,
    }
    return Experiment.model_validate({**chosen, **places})
