"""`crosswarp predict`: one new scan to a probability."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.progress import Bars


def predict(
    bundle: Annotated[
        Path,
        typer.Argument(help="A bundle, or a model's folder in a run: RUN/models/NAME."),
    ],
    scan: Annotated[Path, typer.Argument(help="Raw T1w NIfTI file.")],
    out: Annotated[Path, typer.Argument(help="Folder for maps, picture and answer.")],
    skull_stripped: Annotated[
        bool, typer.Option("--skull-stripped", help="The scan is a brain already.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the answer as JSON.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Classify one scan with a trained model."""
    import json

    from crosswarp.prediction.predict import PREDICTION, predict_scan

    with Bars(quiet) as bars:
        answer = predict_scan(
            bundle, scan, out, skull_stripped=skull_stripped, progress=bars
        )
    if as_json:
        typer.echo(json.dumps(answer.as_json(), indent=2, sort_keys=True))
        return
    columns = zip(
        answer.classes,
        answer.probabilities,
        answer.least,
        answer.greatest,
        strict=True,
    )
    for name, mean, least, greatest in columns:
        spread = ""
        if answer.networks > 1:
            spread = f" ({least:.2f} to {greatest:.2f} over {answer.networks} networks)"
        typer.echo(f"{answer.scan.label}: probability of {name} {mean:.3f}{spread}")
    for note in answer.notes:
        typer.echo(note)
    typer.echo(f"maps, picture and {PREDICTION} in {out}")
