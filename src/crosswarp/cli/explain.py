"""`crosswarp explain`: attribution maps of a run's networks."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo
from crosswarp.cli.progress import Bars


def explain(
    run: Annotated[
        Path,
        typer.Argument(
            help="Folder that `crosswarp compare` has worked on; with tasks, all are"
            " explained."
        ),
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Model to explain; the first of the experiment by default. Repeatable."
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Networks explained in parallel, one core each.")
    ] = 2,
    quiet: Annotated[bool, typer.Option("--quiet", help="Hide the progress.")] = False,
) -> None:
    """Compute attribution maps and a ranking of regions, which `report` shows."""
    from crosswarp.explanation.tasks import explain_tasks
    from crosswarp.study.names import ATTRIBUTION

    with Bars(quiet) as bars:
        cards, failures = explain_tasks(
            run, models=model, workers=workers, progress=bars
        )
    for notice in sorted({card.note for card in cards.values() if card.note}):
        echo(notice)
    for folder, card in cards.items():
        models = ", ".join(card.models)
        echo(f"attribution of {models} in {folder / ATTRIBUTION}")
    failures.show()
