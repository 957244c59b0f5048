"""`crosswarp explain`: attribution maps of a run's networks."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo
from crosswarp.cli.progress import Bars
from crosswarp.errors import InputError

NAMED = 5
"""Regions that are printed."""


def explain(
    run: Annotated[
        Path,
        typer.Argument(
            help="Folder that `crosswarp compare` has worked on; with tasks, all are"
            " explained. For one scan: a bundle, or RUN/models/NAME."
        ),
    ],
    scan: Annotated[
        Path | None,
        typer.Argument(
            help="Raw T1w scan to predict and explain, as of `crosswarp predict`.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Argument(
            help="Folder for maps, answer and explanation of the scan, as of"
            " `crosswarp predict`.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Model to explain; the first of the experiment by default. Repeatable."
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Networks explained in parallel, one core each.")
    ] = 2,
    dicom_series: Annotated[
        str | None,
        typer.Option(
            help="Number or SeriesInstanceUID of the DICOM series to take of the scan."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Hide the progress.")] = False,
) -> None:
    """Compute attribution maps and a ranking of regions, of a run or of one scan."""
    if scan is not None or out is not None:
        series = [] if dicom_series is None else [dicom_series]
        _explain_one(run, scan, out, series, quiet)
        return
    from crosswarp.explanation.tasks import explain_tasks
    from crosswarp.study.names import ATTRIBUTION

    with Bars(quiet) as bars:
        cards, failures = explain_tasks(
            run, models=model, workers=workers, progress=bars
        )
    for notice in sorted({card.note for card in cards.values() if card.note}):
        echo(notice)
    for folder, card in cards.items():
        models = ", ".join(card.models)
        echo(f"attribution of {models} in {folder / ATTRIBUTION}")
    failures.show()


def _explain_one(
    bundle: Path, scan: Path | None, out: Path | None, series: list[str], quiet: bool
) -> None:
    from crosswarp.bids.series import SeriesChoice
    from crosswarp.explanation.one_scan import explain_scan, explanation_of
    from crosswarp.prediction.predict import predict_scan
    from crosswarp.report.one_scan.page import write_scan_page

    if scan is None or out is None:
        msg = "one scan needs all three: crosswarp explain BUNDLE SCAN OUT"
        raise InputError(msg)
    chosen = SeriesChoice.parse(series)
    with Bars(quiet) as bars:
        answer = predict_scan(bundle, scan, out, series=chosen, progress=bars)
    found = explain_scan(bundle, out, answer, scan, chosen)
    if found.note:
        echo(found.note)
    shares = found.shares
    echo(
        f"{answer.scan.label}: evidence for {found.positive} of {shares.evidence:+.2f}"
        f" logits: T1w image {shares.t1w:+.2f}, log-Jacobian map {shares.jsm:+.2f}"
    )
    for each in found.regions[:NAMED]:
        echo(
            f"{each.region} {each.hemisphere}: {each.occlusion:+.2f} logits, by"
            " occlusion"
        )
    echo(f"explanation: {explanation_of(out, answer)}")
    echo(f"page: {write_scan_page(bundle, out, answer)}")
