"""`crosswarp predict`: one new scan to a probability."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crosswarp.cli.echo import echo
from crosswarp.cli.progress import Bars

if TYPE_CHECKING:
    from crosswarp.prediction.answer import ScanPrediction


def predict(
    bundle: Annotated[
        Path,
        typer.Argument(help="Bundle, or folder of a model in a run: RUN/models/NAME."),
    ],
    scan: Annotated[Path, typer.Argument(help="Raw T1w NIfTI file.")],
    out: Annotated[
        Path,
        typer.Argument(
            help="Folder for maps, picture and answer; it may hold those of other scans"
            " and models."
        ),
    ],
    skull_stripped: Annotated[
        bool, typer.Option("--skull-stripped", help="Take the scan as skull-stripped.")
    ] = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Exit with an error, and classify nothing, if the quality control says"
            " that the scan must be checked.",
        ),
    ] = False,
    template: Annotated[
        Path | None,
        typer.Option(
            help="T1w image of the template of your own that the model's maps lie on,"
            " where it is no longer where it was."
        ),
    ] = None,
    template_mask: Annotated[
        Path | None, typer.Option(help="Brain mask of that template.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the answer as JSON.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Hide the progress.")] = False,
) -> None:
    """Classify one scan with a trained model."""
    import json

    from crosswarp.prediction.predict import predict_scan
    from crosswarp.prediction.replay import template_given
    from crosswarp.report.one_scan.page import write_scan_page
    from crosswarp.study.names import PREDICTIONS

    with Bars(quiet) as bars:
        answer = predict_scan(
            bundle,
            scan,
            out,
            skull_stripped=skull_stripped,
            strict=strict,
            template=template_given(template, template_mask),
            progress=bars,
        )
    page = write_scan_page(bundle, out, answer)
    if as_json:
        echo(json.dumps(answer.as_json(), indent=2))
        return
    for line in _lines(answer):
        echo(line)
    echo(f"page: {page}")
    echo(f"maps and picture in {out}; all predictions there: {out / PREDICTIONS}")


def _lines(answer: "ScanPrediction") -> list[str]:
    """Say whether the maps can be trusted before what they say."""
    label, several = answer.scan.label, answer.networks > 1
    lines = [f"{label}: {answer.quality}"]
    columns = zip(
        answer.classes,
        answer.probabilities,
        answer.minimum,
        answer.maximum,
        strict=True,
    )
    for name, mean, low, high in columns:
        spread = ""
        if several:
            spread = f" ({low:.2f} to {high:.2f} over {answer.networks} networks)"
        lines.append(f"{label}: probability of {name} {mean:.3f}{spread}")
    votes = answer.votes
    decision = votes.decision or "none, the networks are divided"
    by = f", by {votes.count} of {answer.networks} networks" if several else ""
    lines.append(f"{label}: decision {decision}{by}")
    # The first note repeats the quality when there is something to check.
    return lines + list(answer.notes[1 if answer.reason else 0 :])
