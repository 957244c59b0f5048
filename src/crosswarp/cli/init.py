"""`crosswarp init`: a commented study file to begin with."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo


def init(
    out: Annotated[
        Path,
        typer.Argument(help="Study file to write, .yaml; or a folder for it."),
    ],
    bids: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Root of the BIDS data set to analyse."),
    ] = None,
    archive: Annotated[
        tuple[str, Path] | None,
        typer.Option(
            metavar="NAME DIR",
            help="Archive and the folder of its download, as adni ADNI; crosswarp"
            " cohort -h lists the names.",
        ),
    ] = None,
    paper: Annotated[
        bool,
        typer.Option("--paper", help="Write the comparison of Zhang et al. (2025)."),
    ] = False,
    virtual: Annotated[
        bool,
        typer.Option("--virtual", help="Write a study of virtual participants."),
    ] = False,
) -> None:
    """Write a study file with a comment for each choice, for crosswarp run."""
    from crosswarp.errors import InputError
    from crosswarp.running.new_file import Kind, Source, write_study_file

    if virtual and (bids or archive or paper):
        msg = "--virtual makes its own scans; leave --bids, --archive and --paper out"
        raise InputError(msg)
    if bids and archive:
        msg = "--bids and --archive both say where the scans are; give one of them"
        raise InputError(msg)
    if not (bids or archive or paper or virtual):
        msg = (
            "say what the study is about: --bids DIR, --archive NAME DIR, --paper (with"
            " either of them, too) or --virtual"
        )
        raise InputError(msg)
    source = Source(bids) if bids else None
    if archive:
        source = Source(archive[1], archive[0])
    kind: Kind = "virtual" if virtual else "paper" if paper else "compact"
    path = write_study_file(out, kind, source)
    echo(f"{path} written. Read and change it, then: crosswarp run {path} --check")
