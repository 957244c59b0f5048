"""`crosswarp models`: networks that can be built."""

import json
from dataclasses import asdict
from typing import Annotated

import typer


def models(
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: a list, one entry a network.")
    ] = False,
) -> None:
    """List the networks with a name, their size and what they are for."""
    from crosswarp.models.build import catalogue

    entries = catalogue()
    if as_json:
        typer.echo(json.dumps([asdict(entry) for entry in entries], indent=2))
        return
    head = ("name", "parameters", "tokens", "smallest extent", "for")
    rows = [
        (
            entry.name,
            f"{entry.parameters:,}",
            str(entry.tokens),
            str(entry.smallest_extent),
            f"{entry.resolution} mm",
        )
        for entry in entries
    ]
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    for row in (head, *rows):
        name, *numbers = row
        aligned = [n.rjust(w) for n, w in zip(numbers, widths[1:], strict=True)]
        typer.echo("  ".join([name.ljust(widths[0]), *aligned]))
