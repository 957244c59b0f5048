"""`crosswarp cohort`: which scans an analysis is about."""

from pathlib import Path
from typing import Annotated

import typer


def cohort(
    bids: Annotated[
        Path, typer.Argument(help="A BIDS data set, with participants.tsv.")
    ],
    out: Annotated[Path, typer.Argument(help="The table to write, .tsv.")],
) -> None:
    """List the scans of a data set with their diagnoses."""
    from crosswarp.bids.cohort import VIRTUAL_NOTICE, make_cohort, write_cohort

    made = make_cohort(bids)
    write_cohort(out, made.table)
    for sentence in made.left_out:
        typer.echo(f"left out: {sentence}", err=True)
    counts = made.table["diagnosis"].value_counts(sort=False)
    people = made.table["participant_id"].nunique()
    listed = ", ".join(f"{number} {name}" for name, number in counts.items())
    typer.echo(f"{len(made.table)} scans of {people} participants ({listed}) in {out}")
    if (made.table["origin"] == "virtual").any():
        typer.echo(VIRTUAL_NOTICE)
