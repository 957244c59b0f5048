"""How a command shows what it does: for a person, quietly, or for a program."""

from typing import Annotated

import typer

from crosswarp.cli.json_lines import JsonLines
from crosswarp.cli.progress import Bars

Quiet = Annotated[bool, typer.Option("--quiet", help="Hide the progress.")]
LogJson = Annotated[
    bool,
    typer.Option("--log-json", help="Write progress as JSON lines to standard output."),
]


def shown(quiet: bool, log_json: bool) -> Bars | JsonLines:
    """Choose how the progress is shown: bars for a person, JSON lines for a program."""
    return JsonLines() if log_json else Bars(quiet)
