"""The comparison of an experiment, for each of its tasks."""

from pathlib import Path

import pandas as pd

from crosswarp.errors import IncompleteError
from crosswarp.execution.engine import Engine
from crosswarp.execution.progress import Progress
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import Experiment
from crosswarp.training.logs import LogKind
from crosswarp.training.plan import Plan, plan_run


def plan_tasks(
    experiment: Experiment, *, allow_missing: bool = False
) -> dict[str, Plan]:
    """Check that every task of an experiment can be run.

    Returns:
        By the name of the task; with an empty name when there is one unnamed task.

    Raises:
        CrosswarpError: As `plan_run` does.
    """
    return {
        name: plan_run(task, allow_missing=allow_missing)
        for name, task in experiment.by_task().items()
    }


def compare_tasks(
    experiment: Experiment,
    run: Path,
    *,
    engine: Engine | None = None,
    allow_missing: bool = False,
    logs: tuple[LogKind, ...] = (),
    progress: Progress | None = None,
) -> dict[Path, pd.DataFrame]:
    """Cross-validate all networks of an experiment, task by task.

    All tasks are checked before the first is trained. One with failed cells does not
    stop the next.

    Args:
        experiment: All choices.
        run: Folder of the run; with several tasks each has a run in a folder of its
            name, such as ``RUN/CN-AD``.
        engine: Where it runs.
        allow_missing: Go on without scans that have no maps.
        logs: Kinds of logs to write while training.
        progress: Told of every finished cell.

    Returns:
        Predictions by the folder that they were written to.

    Raises:
        CrosswarpError: As `cross_validate` does.
        IncompleteError: If cells of any task failed; the others are done.
    """
    plan_tasks(experiment, allow_missing=allow_missing)
    predictions, failures = {}, []
    for name, task in experiment.by_task().items():
        folder = run / name
        try:
            predictions[folder] = cross_validate(
                task,
                folder,
                engine=engine,
                allow_missing=allow_missing,
                logs=logs,
                progress=progress,
            )
        except IncompleteError as error:
            failures.append(f"{name}: {error}" if name else str(error))
    if failures:
        raise IncompleteError("; ".join(failures))
    return predictions
