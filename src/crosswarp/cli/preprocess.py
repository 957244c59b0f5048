"""`crosswarp preprocess`: raw scans to maps."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from crosswarp.cli.engine import takes_engine
from crosswarp.cli.shown import LogJson, Quiet, shown
from crosswarp.execution.engine import Engine


@takes_engine
def preprocess(
    *,
    engine: Engine,
    scans: Annotated[
        Path,
        typer.Argument(
            help="A BIDS data set; a folder of NIfTI files or zip archives; a DICOM"
            " folder; or one such file."
        ),
    ],
    out: Annotated[Path, typer.Argument(help="Folder of the derivatives.")],
    resolution: Annotated[
        int, typer.Option(min=1, max=2, help="Spacing of the template grid, in mm.")
    ] = 1,
    brain_mask: Annotated[
        Literal["deepbet", "hd-bet", "template", "given"],
        typer.Option(
            help="How the brain is found: deepbet, hd-bet (slower), template (its"
            " mask, through an affine) or given (as --skull-stripped)."
        ),
    ] = "deepbet",
    skull_stripped: Annotated[
        bool, typer.Option("--skull-stripped", help="The scans are brains already.")
    ] = False,
    fall_back: Annotated[
        bool,
        typer.Option(
            "--fall-back",
            help="Take the template's mask where no brain is found; to be checked.",
        ),
    ] = False,
    template: Annotated[
        Path | None, typer.Option(help="T1w of a template of your own, 1 mm.")
    ] = None,
    template_mask: Annotated[
        Path | None, typer.Option(help="Its brain, on the same grid.")
    ] = None,
    space: Annotated[
        str, typer.Option(help="Name of its space: letters and digits.")
    ] = "",
    registration: Annotated[
        str,
        typer.Option(
            help="What registers: map (closest to known truth; on a GPU if any),"
            " greedy (fastest on a CPU), torch, or ants (SyN as in the paper: slow)."
        ),
    ] = "map",
    participant_label: Annotated[
        list[str] | None,
        typer.Option(help="Only this participant, with or without sub-; repeatable."),
    ] = None,
    prefer: Annotated[
        list[str] | None,
        typer.Option(
            help="acq-<label> or run-<index> to take among several T1w images of a"
            " session; repeatable."
        ),
    ] = None,
    dicom_series: Annotated[
        int | None, typer.Option(help="Number of the DICOM series to take.")
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Minutes a scan may take.")
    ] = 30.0,
    memory: Annotated[
        float, typer.Option(min=100, help="Megabytes a scan may take.")
    ] = 8000.0,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Do failed scans again.")
    ] = False,
    quiet: Quiet = False,
    log_json: LogJson = False,
) -> None:
    """Turn raw T1w scans into aligned T1w images and log-Jacobian maps."""
    from crosswarp.bids.dataset import find_scans
    from crosswarp.derivatives.cohort import WORK, check_ledger, preprocess_cohort
    from crosswarp.derivatives.registration import registration_named
    from crosswarp.derivatives.settings import PreprocessSettings
    from crosswarp.derivatives.template import template_named

    chosen = {
        "registration": registration_named(registration),
        "resolution": resolution,
        "brain_mask": "given" if skull_stripped else brain_mask,
        "fall_back": fall_back,
        "template": template_named(template, template_mask, space),
    }
    settings = PreprocessSettings.model_validate(chosen)
    found = find_scans(scans, participant_label, prefer or [], dicom_series)
    for sentence in found.left_out:
        typer.echo(f"left out: {sentence}", err=True)
    with shown(quiet, log_json) as watched:
        ledger = preprocess_cohort(
            found,
            out,
            settings,
            work=replace(WORK, timeout_s=60 * timeout, memory_mb=memory),
            engine=engine,
            retry_failed=retry_failed,
            progress=watched,
        )
        check_ledger(ledger, out, found)
        watched.say(f"{len(ledger)} scans in {out}")
