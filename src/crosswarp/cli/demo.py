"""`crosswarp demo`: everything, on virtual participants."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.progress import Bars


def demo(
    out: Annotated[Path, typer.Argument(help="Folder for everything.")],
    participants: Annotated[
        int | None, typer.Option(min=8, help="Virtual participants; half have AD.")
    ] = None,
    folds: Annotated[
        int | None, typer.Option(min=2, help="Of the cross-validation.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the training part.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of everything drawn.")] = 0,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes at a time, one core each.")
    ] = 2,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Run all stages on virtual participants: minutes, no data and no GPU needed."""
    from rich.console import Console

    from crosswarp.bids.cohort import VIRTUAL_NOTICE
    from crosswarp.cli.demo_tables import models_table, stages_table
    from crosswarp.demo.run import run_demo
    from crosswarp.demo.settings import DemoSettings

    chosen = {"participants": participants, "folds": folds, "epochs": epochs}
    given = {name: value for name, value in chosen.items() if value is not None}
    settings = DemoSettings(seed=seed, workers=workers, **given)
    with Bars(quiet) as bars:
        result = run_demo(out, settings, bars)
    console = Console()
    console.print(stages_table(result.timings))
    console.print(models_table(result.comparisons))
    console.print(VIRTUAL_NOTICE)
    answer = result.answer
    console.print(
        f"A head that no network has seen ({answer.scan.label}, made with"
        f" {result.truth}): probability of {answer.classes[-1]}"
        f" {answer.probabilities[-1]:.2f}, {answer.least[-1]:.2f} to"
        f" {answer.greatest[-1]:.2f} over {answer.networks} networks."
    )
    typer.echo(f"report: {result.report}")
