"""`crosswarp folds`: who is trained on and who is tested on."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo
from crosswarp.study.names import COHORT

_DESIGN = "How participants are assigned"
_GIVEN = "Folds that are given, and folds for others"


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
    stratify: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            rich_help_panel=_DESIGN,
            help="Column to balance the folds by besides the diagnosis, such as sex,"
            " age (in bands) or site. May be given several times.",
        ),
    ] = None,
    age_edge: Annotated[
        list[float] | None,
        typer.Option(
            metavar="YEARS",
            rich_help_panel=_DESIGN,
            help="Age at which a band of age begins. May be given several times.",
            show_default="60, 70, 80",
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            "--group",
            "--family",
            metavar="COLUMN",
            rich_help_panel=_DESIGN,
            help="Column of participants who stay in one fold, such as a family.",
        ),
    ] = None,
    leave_one_out: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            rich_help_panel=_DESIGN,
            help="Column of which each value is held out in turn, such as site;"
            " --folds is not used.",
        ),
    ] = None,
    test_where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=VALUE",
            rich_help_panel=_DESIGN,
            help="Participants who are tested only, as an external cohort: site=S2."
            " May be given several times; --folds is not used.",
        ),
    ] = None,
    own: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE",
            rich_help_panel=_GIVEN,
            help="Table of folds of your own, to check and take.",
        ),
    ] = None,
    apply: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json",
            rich_help_panel=_GIVEN,
            help="Published split, to rebuild for this cohort.",
        ),
    ] = None,
    publish: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json",
            rich_help_panel=_GIVEN,
            help="File to write the split to, by salted hashes of ids.",
        ),
    ] = None,
    salt: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=_GIVEN,
            help="Salt of the published hashes, 8 characters or more.",
            show_default="random",
        ),
    ] = None,
    balance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Column to compare between folds besides diagnosis, age, sex and site."
            " May be given several times.",
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace an older table of this command."),
    ] = False,
) -> None:
    """Assign participants to stratified cross-validation folds."""
    from crosswarp.inputs.fold_choices import AGE_EDGES, FoldChoices
    from crosswarp.inputs.fold_table import FoldFiles, write_new_folds

    choices = FoldChoices(
        folds,
        repeats,
        seed,
        validation_fraction,
        stratify=tuple(stratify or ()),
        age_edges=tuple(age_edge or AGE_EDGES),
        group=group,
        leave_one_out=leave_one_out,
        test_where=tuple(test_where or ()),
    )
    files = FoldFiles(own, apply, tuple(balance or ()), publish, salt)
    written = write_new_folds(cohort, out, choices, files, overwrite=overwrite)
    for sentence in written.remarks:
        echo(f"note: {sentence}", err=True)
    for sentence in written.summary:
        echo(sentence)
