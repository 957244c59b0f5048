"""`crosswarp model weights`: weights that others have trained."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo

Names = Annotated[
    list[str] | None, typer.Argument(help="Weights by name; all if none is named.")
]
Folder = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the weights; by default CROSSWARP_WEIGHTS, or else your cache."
    ),
]

weights = typer.Typer(
    no_args_is_help=True,
    help="List, fetch and verify weights that others have trained.",
)


@weights.command("list")
def list_weights(folder: Folder = None) -> None:
    """List the weights with their licence and training data."""
    from crosswarp.models.weights.folder import verify, weights_folder
    from crosswarp.models.weights.sources import SOURCES

    place = weights_folder(folder)
    echo(f"folder: {place}")
    for source in SOURCES.values():
        stated = source.sha256_stated_by or "nobody: the first fetch is recorded"
        echo(
            f"\n{source.name} ({verify(place, source).state})"
            f"\n  encoder: {source.encoder}\n  licence: {source.licence}"
            f"\n  trained on: {source.trained_on}\n  ADNI: {source.adni}"
            f"\n  from: {source.url}\n  SHA-256 stated by: {stated}"
            f"\n  see: {source.reference}"
        )


@weights.command("fetch")
def fetch_weights(names: Names = None, folder: Folder = None) -> None:
    """Download weights over https and record their SHA-256."""
    from crosswarp.models.weights.fetch import fetch
    from crosswarp.models.weights.folder import verify, weights_folder
    from crosswarp.models.weights.sources import SOURCES, find_source

    place = weights_folder(folder)
    for source in [find_source(name) for name in names or SOURCES]:
        what = "fetched" if fetch(source, place) else "was there"
        found = verify(place, source)
        echo(f"{source.name} {what}: {found.state}, SHA-256 {found.sha256}")


@weights.command("verify")
def verify_weights(names: Names = None, folder: Folder = None) -> None:
    """Compare weights with their published SHA-256, or else with the one recorded."""
    from crosswarp.errors import InputError
    from crosswarp.models.weights.folder import verify, weights_folder
    from crosswarp.models.weights.sources import SOURCES, find_source

    place, wrong = weights_folder(folder), []
    for source in [find_source(name) for name in names or SOURCES]:
        found = verify(place, source)
        echo(f"{source.name}: {found.state}, SHA-256 {found.sha256 or '-'}")
        if found.state == "changed" or (names and found.state == "absent"):
            wrong.append(source.name)
    if wrong:
        msg = f"changed or absent in {place}: {', '.join(wrong)}; fetch them again"
        raise InputError(msg)
