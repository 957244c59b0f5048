"""`crosswarp explain`: where on the brain a run's networks looked."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.progress import Bars


def explain(
    run: Annotated[
        Path, typer.Argument(help="Folder that `crosswarp compare` has worked on.")
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(help="Which; the experiment's first by default. Repeatable."),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Networks at a time, one core each.")
    ] = 2,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Write attribution maps and a ranking of regions, for `report` to show."""
    from crosswarp.explanation.explain import ATTRIBUTION, explain_run

    with Bars(quiet) as bars:
        card = explain_run(run, models=model, workers=workers, progress=bars)
    if card["note"]:
        typer.echo(card["note"])
    typer.echo(f"attribution of {', '.join(card['models'])} in {run / ATTRIBUTION}")
