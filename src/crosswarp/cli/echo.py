"""The one way to a terminal: what comes from outside is shown, never obeyed."""

import typer

from crosswarp.cli.flags import with_flags
from crosswarp.files import printable


def echo(text: object = "", *, err: bool = False) -> None:
    """Print lines.

    Names of folders, reasons and cells of tables may hold codes that a terminal would
    execute: each is printed as its escape.

    Arguments that a message of the library names become options of the command line.

    Args:
        text: One line or several.
        err: On standard error.
    """
    lines = with_flags(str(text)).split("\n")
    typer.echo("\n".join(printable(line) for line in lines), err=err)
