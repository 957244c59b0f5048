"""How a command shows what it does: for a person, quietly, or for a program."""

from typing import Annotated

import typer

from crosswarp.cli.json_lines import JsonLines
from crosswarp.cli.progress import Bars

Quiet = Annotated[bool, typer.Option("--quiet", help="No progress.")]
LogJson = Annotated[
    bool,
    typer.Option("--log-json", help="For programs: an object an event, on stdout."),
]


def shown(quiet: bool, log_json: bool) -> Bars | JsonLines:
    """Choose who is told of the progress."""
    return JsonLines() if log_json else Bars(quiet)
