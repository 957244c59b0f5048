"""`crosswarp compare`: all networks of an experiment on the same folds."""

import typer

from crosswarp.cli.progress import Bars
from crosswarp.cli.train import (
    AllowMissing,
    Check,
    ExperimentFile,
    Quiet,
    RunFolder,
    Workers,
)


def compare(
    experiment: ExperimentFile,
    run: RunFolder,
    check: Check = False,
    workers: Workers = 2,
    allow_missing: AllowMissing = False,
    quiet: Quiet = False,
) -> None:
    """Cross-validate all networks of an experiment file on the same folds."""
    from crosswarp.execution.pool import LocalEngine
    from crosswarp.training.cross_validation import cross_validate
    from crosswarp.training.experiment import read_experiment
    from crosswarp.training.plan import plan_run

    chosen = read_experiment(experiment)
    if check:
        typer.echo(plan_run(chosen, allow_missing=allow_missing).summary())
        return
    engine = LocalEngine(workers)
    with Bars(quiet) as bars:
        predictions = cross_validate(
            chosen, run, engine=engine, allow_missing=allow_missing, progress=bars
        )
    names = ", ".join(model.name for model in chosen.models)
    typer.echo(f"{len(predictions)} predictions of {names} in {run}")
