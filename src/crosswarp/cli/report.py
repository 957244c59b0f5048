"""``crosswarp report RUN``: the page that shows a run."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo


def report(
    run: Annotated[
        Path,
        typer.Argument(
            help="Folder that `crosswarp evaluate` has worked on; with tasks, each gets"
            " its own page."
        ),
    ],
) -> None:
    """Write report.html, one offline file, with its figures and tables."""
    from crosswarp.report.tasks import report_tasks

    pages, failures = report_tasks(run)
    for page in pages:
        echo(f"report: {page}")
    failures.show()
