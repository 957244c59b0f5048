"""`crosswarp folds`: who is trained on and who is tested on."""

from pathlib import Path
from typing import Annotated

import typer


def folds(
    cohort: Annotated[Path, typer.Argument(help="Table of scans, cohort.tsv.")],
    out: Annotated[Path, typer.Argument(metavar="FOLDS.tsv", help="Table to write.")],
    folds: Annotated[int, typer.Option(help="Test parts of one repeat.")] = 5,
    repeats: Annotated[int, typer.Option(help="How often to deal anew.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the dealing.")] = 0,
    validation_fraction: Annotated[
        float,
        typer.Option(help="Share of the rest by which epochs and thresholds go."),
    ] = 0.2,
) -> None:
    """Deal participants into folds, each diagnosis evenly."""
    from crosswarp.bids.cohort import read_cohort
    from crosswarp.inputs.folds import make_folds, write_folds

    table = read_cohort(cohort)
    made = make_folds(table, folds, repeats, seed, validation_fraction)
    write_folds(out, made)
    people = table["participant_id"].nunique()
    typer.echo(f"{people} participants, {repeats} x {folds} folds in {out}")
