"""The comparison of an experiment, for each of its tasks."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pandas as pd

from crosswarp.errors import IncompleteError
from crosswarp.execution.engine import Engine
from crosswarp.execution.progress import Progress
from crosswarp.inputs.passed_over import passed_over_note
from crosswarp.outputs import RUN_OF_TASKS, claim_folder
from crosswarp.study.names import PASSED_OVER, RUN_RECORD
from crosswarp.study.run import begin_run, finish_run, working_on
from crosswarp.study.version import require_version
from crosswarp.training.cross_validation import claim_run, cross_validate
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
    say: Callable[[str], None] | None = None,
) -> dict[Path, pd.DataFrame]:
    """Cross-validate all networks of an experiment, task by task.

    All tasks are checked before the first is trained. One with failed cells does not
    stop the next.

    Args:
        experiment: Experiment with all choices.
        run: Folder of the run; with several tasks each has a run in a folder of its
            name, such as ``RUN/CN-AD``.
        engine: Where it runs.
        allow_missing: Go on without scans that have no maps.
        logs: Kinds of logs to write while training.
        progress: Told of every finished cell.
        say: Told before the training which scans are passed over, and which
            baselines of every table the maps cannot have.

    Returns:
        Predictions by the folder that they were written to.

    Raises:
        OccupiedError: If the folder, or one of its tasks', holds something else.
        CrosswarpError: As `cross_validate` does.
        IncompleteError: If cells of any task failed; the others are done.
    """
    _claim(experiment, run)
    with _working_on_all(experiment, run):
        _claim(experiment, run)
        plans = plan_tasks(experiment, allow_missing=allow_missing)
        for name, plan in plans.items():
            if say is not None:
                for sentence in _notes(plan, run, name):
                    say(sentence)
        predictions: dict[Path, pd.DataFrame] = {}
        failures: list[str] = []
        with _begun_and_ended(experiment, run):
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
                        plan=plans[name],
                    )
                except IncompleteError as error:
                    failures.append(f"{name}: {error}" if name else str(error))
    if failures:
        raise IncompleteError("; ".join(failures))
    return predictions


def _notes(plan: Plan, run: Path, task: str) -> Iterator[str]:
    """Say what a reader may look for in the tables and not find."""
    if note := passed_over_note(plan.passed_over):
        where = (run / task / PASSED_OVER).relative_to(run.parent)
        yield f"{note}; they are listed in {where}"
    yield from (f"no {name}: {reason}" for name, reason in plan.absent.items())


def _claim(experiment: Experiment, run: Path) -> None:
    if experiment.tasks:
        claim_folder(run, RUN_OF_TASKS)
        require_version(run)
    for name, task in experiment.by_task().items():
        claim_run(run / name, task.name)


@contextmanager
def _working_on_all(experiment: Experiment, run: Path) -> Iterator[None]:
    with ExitStack() as held:
        for name in ["", *experiment.by_task()]:
            held.enter_context(working_on(run / name))
        yield


@contextmanager
def _begun_and_ended(experiment: Experiment, run: Path) -> Iterator[None]:
    """Let no task of before count while the others are trained."""
    names = list(experiment.by_task()) if experiment.tasks else []
    for name in ["", *names] if names else []:
        begin_run(run / name, [] if name else names)
    yield
    if names:
        finish_run(run, [f"{name}/{RUN_RECORD}" for name in names], tasks=names)
