"""`crosswarp compare`: all networks of an experiment on the same folds."""

import typer

from crosswarp.cli.engine import takes_engine
from crosswarp.cli.shown import LogJson, Quiet, shown
from crosswarp.cli.train import AllowMissing, Check, ExperimentFile, RunFolder
from crosswarp.execution.engine import Engine


@takes_engine
def compare(
    *,
    engine: Engine,
    experiment: ExperimentFile,
    run: RunFolder,
    check: Check = False,
    allow_missing: AllowMissing = False,
    quiet: Quiet = False,
    log_json: LogJson = False,
) -> None:
    """Cross-validate all networks of an experiment file on the same folds."""
    from crosswarp.training.cross_validation import cross_validate
    from crosswarp.training.experiment import read_experiment
    from crosswarp.training.plan import plan_run

    chosen = read_experiment(experiment)
    if check:
        typer.echo(plan_run(chosen, allow_missing=allow_missing).summary())
        return
    with shown(quiet, log_json) as watched:
        predictions = cross_validate(
            chosen, run, engine=engine, allow_missing=allow_missing, progress=watched
        )
        names = ", ".join(model.name for model in chosen.models)
        watched.say(f"{len(predictions)} predictions of {names} in {run}")
