"""`crosswarp serve`: scans, answers and runs in a browser."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo


def serve(
    source: Annotated[
        Path,
        typer.Argument(
            help="Bundle, folder of a model in a run (RUN/models/NAME), or run."
        ),
    ],
    jobs: Annotated[
        Path,
        typer.Option(help="Folder for uploads and answers; jobs in it are resumed."),
    ] = Path("crosswarp-jobs"),
    folder: Annotated[
        Path | None,
        typer.Option(help="Folder of scans that may be chosen on the page."),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on; any but this machine's own needs the token"
            " that is printed."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one.")
    ] = 8000,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Host name by which browsers may ask for the server."),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Scans that are classified at the same time.")
    ] = 1,
    max_mb: Annotated[float, typer.Option(min=1, help="Largest upload, in MB.")] = 1000,
    keep_hours: Annotated[
        float,
        typer.Option(min=0.01, help="Hours after which maps and answers are deleted."),
    ] = 24,
    token: Annotated[
        bool, typer.Option("--token", help="Require a token on this machine, too.")
    ] = False,
) -> None:
    """Classify scans and look at runs in a browser, on this machine."""
    from crosswarp.viewer.serve import serve as run_server
    from crosswarp.viewer.settings import MB, Limits, ServeSettings

    limits = Limits(upload_bytes=int(max_mb * MB), keep_seconds=keep_hours * 3600.0)
    settings = ServeSettings(
        source,
        jobs,
        folder=folder,
        host=host,
        port=port,
        workers=workers,
        limits=limits,
        names=tuple(each.lower() for each in name or ()),
    )

    def say(line: str) -> None:
        is_address = line.startswith("http")
        echo(f"open {line}" if is_address else line, err=not is_address)

    run_server(settings, say, with_token=token)
