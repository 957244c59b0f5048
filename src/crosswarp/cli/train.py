"""`crosswarp train`: one network, all folds."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.progress import Bars

ExperimentFile = Annotated[Path, typer.Argument(help="Experiment file, YAML.")]
RunFolder = Annotated[Path, typer.Argument(help="Folder of the run.")]
Check = Annotated[bool, typer.Option("--check", help="Check all, train nothing.")]
Workers = Annotated[int, typer.Option(min=1, help="Folds at a time, one core each.")]
AllowMissing = Annotated[
    bool, typer.Option("--allow-missing", help="Go on without scans that lack maps.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress.")]


def train(
    experiment: ExperimentFile,
    run: RunFolder,
    check: Check = False,
    workers: Workers = 2,
    allow_missing: AllowMissing = False,
    quiet: Quiet = False,
) -> None:
    """Cross-validate the one network of an experiment file."""
    from crosswarp.execution.pool import LocalEngine
    from crosswarp.training.cross_validation import cross_validate, only_model
    from crosswarp.training.experiment import read_experiment
    from crosswarp.training.plan import plan_run

    chosen = read_experiment(experiment)
    only_model(chosen)
    if check:
        typer.echo(plan_run(chosen, allow_missing=allow_missing).summary())
        return
    engine = LocalEngine(workers)
    with Bars(quiet) as bars:
        predictions = cross_validate(
            chosen, run, engine=engine, allow_missing=allow_missing, progress=bars
        )
    typer.echo(f"{len(predictions)} predictions in {run}")
