"""A study, from its file to its results."""

from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from crosswarp.api.paths import PathLike, as_path
from crosswarp.api.runs import Run, open_run
from crosswarp.running.run import Again
from crosswarp.running.run import run_study as run_steps
from crosswarp.study.settings import Study
from crosswarp.study.settings import read_study as read_file


@dataclass(frozen=True)
class FinishedStudy:
    """What a study has made.

    Attributes:
        folder: Folder of the study.
        steps: One row per step: its name, whether it was skipped because nothing had
            changed, and how long it took.
        run_folder: Folder of the run that compares the models.
    """

    folder: Path
    steps: pd.DataFrame
    run_folder: Path

    @property
    def run(self) -> Run:
        """The run with predictions, metrics and figures; see `open_run`."""
        return open_run(self.run_folder)


def read_study(study: PathLike) -> Study:
    """Read a study file: all choices from the scans to the report.

    Args:
        study: YAML file, such as `crosswarp init` writes. Paths in it are relative to
            the file.

    Returns:
        The choices, each checked and with its default where the file has none.

    Raises:
        InputError: With every fault of the file, one per line.

    Examples:
        >>> chosen = crosswarp.read_study(study / "study.yaml")
        >>> chosen.names[:2], chosen.folds.folds
        (['jsm', 't1w'], 2)
    """
    return read_file(as_path(study))


def run_study(
    study: PathLike | Study,
    *,
    steps: str | None = None,
    redo: bool = False,
    overwrite: bool = False,
    retry_failed: bool = False,
) -> FinishedStudy:
    """Do the steps of a study; the same call resumes an interrupted one.

    A step that was finished from the same inputs with the same settings is skipped.

    Args:
        study: Study file, or the choices that `read_study` returned.
        steps: Steps to do as ``first..last``, or one step; all when None.
        redo: Make maps again that were made with other settings.
        overwrite: Replace tables of cohort and folds that the study did not write.
        retry_failed: Do failed scans again.

    Returns:
        ``run`` (see `open_run`), ``steps`` (table) and ``folder``.

    Raises:
        InputError: If the file has faults, or there are no such steps.
        MissingDerivativeError: If steps before ``steps`` have not been done.
        OccupiedError: If something else is where the study would write.
        IncompleteError: If a step could not be finished; the same call resumes.
        LockedError: If another process works on the study.

    Examples:
        >>> done = crosswarp.run_study(study / "study.yaml")
        >>> done.steps["step"].tolist()
        ['folds', 'compare', 'evaluate']
        >>> done.run.models[:2]
        ['jsm', 't1w']
    """
    chosen = study if isinstance(study, Study) else read_study(study)
    again = Again(maps=redo, tables=overwrite, failed=retry_failed)
    found = run_steps(chosen, steps=steps, again=again)
    table = pd.DataFrame([asdict(row) for row in found.steps])
    return FinishedStudy(found.folder.out, table, found.folder.run)
