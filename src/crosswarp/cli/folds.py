"""`crosswarp folds`: who is trained on and who is tested on."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo
from crosswarp.study.names import COHORT


def folds(
    cohort: Annotated[Path, typer.Argument(help=f"Table of scans, {COHORT}.")],
    out: Annotated[Path, typer.Argument(metavar="FOLDS.tsv", help="Table to write.")],
    folds: Annotated[int, typer.Option(help="Number of folds.")] = 5,
    repeats: Annotated[
        int, typer.Option(help="Number of times the cross-validation is repeated.")
    ] = 1,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    validation_fraction: Annotated[
        float,
        typer.Option(
            help="Fraction of each training set held out for model selection."
        ),
    ] = 0.2,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace an older table of this command."),
    ] = False,
) -> None:
    """Assign participants to stratified cross-validation folds."""
    from crosswarp.inputs.fold_table import FoldChoices, write_new_folds

    choices = FoldChoices(folds, repeats, seed, validation_fraction)
    echo(write_new_folds(cohort, out, choices, overwrite=overwrite))
