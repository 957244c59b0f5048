"""`crosswarp compare`: all networks of an experiment on the same folds."""

import typer

from crosswarp.cli.engine import takes_engine
from crosswarp.cli.shown import LogJson, Quiet, shown
from crosswarp.cli.train import AllowMissing, Check, ExperimentFile, Logs, RunFolder
from crosswarp.execution.engine import Engine


@takes_engine
def compare(
    *,
    engine: Engine,
    experiment: ExperimentFile,
    run: RunFolder,
    check: Check = False,
    allow_missing: AllowMissing = False,
    log: Logs = None,
    quiet: Quiet = False,
    log_json: LogJson = False,
) -> None:
    """Cross-validate all networks of an experiment file on the same folds.

    An experiment with several tasks has a run for each, in a folder of its name.
    """
    from crosswarp.training.experiment import read_experiment
    from crosswarp.training.tasks import compare_tasks, plan_tasks

    chosen = read_experiment(experiment)
    if check:
        plans = plan_tasks(chosen, allow_missing=allow_missing)
        for task, plan in plans.items():
            typer.echo(f"task: {task}\n{plan.summary()}" if task else plan.summary())
        return
    with shown(quiet, log_json) as watched:
        made = compare_tasks(
            chosen,
            run,
            engine=engine,
            allow_missing=allow_missing,
            logs=tuple(kind.value for kind in log or ()),
            progress=watched,
        )
        names = ", ".join(chosen.names)
        for folder, predictions in made.items():
            watched.say(f"{len(predictions)} predictions of {names} in {folder}")
