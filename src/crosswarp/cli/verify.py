"""`crosswarp verify`: what is whole, what changed, what does not belong together."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo


def verify(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Run, bundle, pretraining, export or derivatives; or a study, which is"
            " a folder with several of them."
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object.")
    ] = False,
) -> None:
    """Verify outputs against their records, byte by byte.

    Exit with 1 if something is damaged, missing, changed, mixed or unfinished. Nothing
    is changed; each line names the command that repairs it.
    """
    from crosswarp.verification.folder import verify as verified

    found = verified(folder)
    wrong = any(one.findings for one in found)
    if as_json:
        outputs = [asdict(one) for one in found]
        echo(json.dumps({"whole": not wrong, "outputs": outputs}, indent=2))
    for one in [] if as_json else found:
        number = len(one.findings)
        state = f"{number} findings" if number else "whole"
        echo(f"{one.path}: {one.holds}: {state}")
        for each in one.findings:
            told = f"{each.kind}: {each.path}: {each.says}; to mend: {each.mend}"
            echo(f"  {told}")
    if wrong:
        raise typer.Exit(1)
