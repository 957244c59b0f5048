"""`crosswarp weights`: weights that others have trained."""

from pathlib import Path
from typing import Annotated

import typer

Names = Annotated[
    list[str] | None, typer.Argument(help="Which; all of them when none is named.")
]
Folder = Annotated[
    Path | None,
    typer.Option(help="Of the weights; else CROSSWARP_WEIGHTS, else your cache."),
]

weights = typer.Typer(
    no_args_is_help=True, help="Weights that others have trained: list, fetch, verify."
)


@weights.command("list")
def list_weights(folder: Folder = None) -> None:
    """Say what there is, under which licence, and what it was trained on."""
    from crosswarp.models.weights.folder import verify, weights_folder
    from crosswarp.models.weights.sources import SOURCES

    place = weights_folder(folder)
    typer.echo(f"folder: {place}")
    for source in SOURCES.values():
        stated = source.sha256_stated_by or "nobody: the first fetch is recorded"
        typer.echo(
            f"\n{source.name} ({verify(place, source).state})"
            f"\n  encoder: {source.encoder}\n  licence: {source.licence}"
            f"\n  trained on: {source.trained_on}\n  ADNI: {source.adni}"
            f"\n  from: {source.url}\n  SHA-256 stated by: {stated}"
            f"\n  see: {source.reference}"
        )


@weights.command("fetch")
def fetch_weights(names: Names = None, folder: Folder = None) -> None:
    """Fetch weights over https, and note their SHA-256."""
    from crosswarp.models.weights.fetch import fetch
    from crosswarp.models.weights.folder import verify, weights_folder
    from crosswarp.models.weights.sources import SOURCES, find_source

    place = weights_folder(folder)
    for source in [find_source(name) for name in names or SOURCES]:
        what = "fetched" if fetch(source, place) else "was there"
        found = verify(place, source)
        typer.echo(f"{source.name} {what}: {found.state}, SHA-256 {found.sha256}")


@weights.command("verify")
def verify_weights(names: Names = None, folder: Folder = None) -> None:
    """Compare weights with the SHA-256 that is stated, else with the first fetch's."""
    from crosswarp.errors import InputError
    from crosswarp.models.weights.folder import verify, weights_folder
    from crosswarp.models.weights.sources import SOURCES, find_source

    place, wrong = weights_folder(folder), []
    for source in [find_source(name) for name in names or SOURCES]:
        found = verify(place, source)
        typer.echo(f"{source.name}: {found.state}, SHA-256 {found.sha256 or '-'}")
        if found.state == "changed" or (names and found.state == "absent"):
            wrong.append(source.name)
    if wrong:
        msg = f"changed or absent in {place}: {', '.join(wrong)}; fetch them again"
        raise InputError(msg)
