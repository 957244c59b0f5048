"""Options of `crosswarp compare`, and what it does."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo
from crosswarp.cli.json_lines import JsonLines
from crosswarp.cli.progress import Bars
from crosswarp.execution.engine import Engine
from crosswarp.study.names import TRAINING_LOGS

ExperimentFile = Annotated[Path, typer.Argument(help="Experiment file, YAML.")]
RunFolder = Annotated[Path, typer.Argument(help="Folder of the run.")]
Check = Annotated[
    bool, typer.Option("--check", help="Check everything without training.")
]
AllowMissing = Annotated[
    bool, typer.Option("--allow-missing", help="Leave out scans that have no maps.")
]


class LogKind(StrEnum):
    """What may be written while training."""

    csv = "csv"
    tensorboard = "tensorboard"


Logs = Annotated[
    list[LogKind] | None,
    typer.Option("--log", help=f"Write logs while training, in RUN/{TRAINING_LOGS}."),
]


def carry_out(
    experiment: Path,
    run: Path,
    *,
    engine: Engine,
    check: bool,
    allow_missing: bool,
    log: list[LogKind] | None,
    shown: Bars | JsonLines,
) -> None:
    """Cross-validate all that an experiment names, and say what came of it.

    Args:
        experiment: Path of the experiment file.
        run: Folder of the run.
        engine: Where it runs.
        check: Whether only to say what would be done.
        allow_missing: Go on without scans that have no maps.
        log: Kinds of logs to write.
        shown: Who is told.
    """
    from crosswarp.study.run import outdated
    from crosswarp.training.experiment import read_experiment
    from crosswarp.training.tasks import compare_tasks, plan_tasks

    chosen = read_experiment(experiment)
    if check:
        plans = plan_tasks(chosen, allow_missing=allow_missing)
        for task, plan in plans.items():
            echo(f"task: {task}\n{plan.summary()}" if task else plan.summary())
        return
    with shown as watched:
        made = compare_tasks(
            chosen,
            run,
            engine=engine,
            allow_missing=allow_missing,
            logs=tuple(kind.value for kind in log or ()),
            progress=watched,
            say=watched.say,
        )
        for folder, predictions in made.items():
            there = set(predictions["model"])
            names = ", ".join(name for name in chosen.names if name in there)
            watched.say(f"{len(predictions)} predictions of {names} in {folder}")
            for line in outdated(folder):
                watched.say(line)
