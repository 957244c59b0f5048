"""``crosswarp report RUN``: the page that shows a run."""

from pathlib import Path
from typing import Annotated

import typer


def report(
    run: Annotated[
        Path, typer.Argument(help="Folder that `crosswarp evaluate` has worked on.")
    ],
) -> None:
    """Write report.html, one offline file, with its figures and tables."""
    from crosswarp.report.assemble import write_report

    typer.echo(f"report: {write_report(run)}")
