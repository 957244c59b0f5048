"""`crosswarp demo`: everything, on virtual participants."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo
from crosswarp.cli.progress import Bars


def demo(
    out: Annotated[Path, typer.Argument(help="Folder for all that the demo writes.")],
    participants: Annotated[
        int | None,
        typer.Option(min=8, help="Number of virtual participants; half have AD."),
    ] = None,
    folds: Annotated[int | None, typer.Option(min=2, help="Number of folds.")] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over each training set.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes that run in parallel, one core each.")
    ] = 2,
    quiet: Annotated[bool, typer.Option("--quiet", help="Hide the progress.")] = False,
) -> None:
    """Run all stages on virtual participants, in minutes, without data or a GPU."""
    from rich.console import Console

    from crosswarp.demo.needs import require_packages

    require_packages()

    from crosswarp.bids.cohort import VIRTUAL_NOTICE
    from crosswarp.cli.demo_tables import models_table, stages_table
    from crosswarp.demo.run import run_demo
    from crosswarp.running.new_file import VirtualSize

    chosen = {"participants": participants, "folds": folds, "epochs": epochs}
    given = {name: value for name, value in chosen.items() if value is not None}
    settings = VirtualSize(seed=seed, workers=workers, **given)
    with Bars(quiet) as bars:
        result = run_demo(out, settings, bars)
    console = Console()
    console.print(stages_table(result.timings))
    console.print(models_table(result.comparisons))
    echo(VIRTUAL_NOTICE)
    answer = result.answer
    echo(f"{answer.scan.label}: {answer.quality}")
    echo(
        f"A head that no network has seen ({answer.scan.label}, made with"
        f" {result.truth}): probability of {answer.classes[-1]}"
        f" {answer.probabilities[-1]:.2f}, {answer.minimum[-1]:.2f} to"
        f" {answer.maximum[-1]:.2f} ({answer.spread})."
    )
    echo(f"page of that head: {result.page}")
    echo(f"report: {result.report}")
