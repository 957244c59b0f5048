"""`crosswarp train`: one network, all folds."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.engine import takes_engine
from crosswarp.cli.shown import LogJson, Quiet, shown
from crosswarp.execution.engine import Engine

ExperimentFile = Annotated[Path, typer.Argument(help="Experiment file, YAML.")]
RunFolder = Annotated[Path, typer.Argument(help="Folder of the run.")]
Check = Annotated[bool, typer.Option("--check", help="Check all, train nothing.")]
AllowMissing = Annotated[
    bool, typer.Option("--allow-missing", help="Go on without scans that lack maps.")
]


class LogKind(StrEnum):
    """What may be written while training."""

    csv = "csv"
    tensorboard = "tensorboard"


Logs = Annotated[
    list[LogKind] | None,
    typer.Option("--log", help="Write logs while training, in RUN/lightning_logs."),
]


@takes_engine
def train(
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
    """Cross-validate the one network of an experiment file."""
    from crosswarp.training.cross_validation import cross_validate, only_model
    from crosswarp.training.experiment import read_experiment
    from crosswarp.training.plan import plan_run

    chosen = read_experiment(experiment)
    only_model(chosen)
    if check:
        typer.echo(plan_run(chosen, allow_missing=allow_missing).summary())
        return
    with shown(quiet, log_json) as watched:
        predictions = cross_validate(
            chosen,
            run,
            engine=engine,
            allow_missing=allow_missing,
            logs=tuple(kind.value for kind in log or ()),
            progress=watched,
        )
        watched.say(f"{len(predictions)} predictions in {run}")
