"""`crosswarp preprocess`: raw scans to maps."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from crosswarp.cli.echo import echo
from crosswarp.cli.engine import takes_engine
from crosswarp.cli.shown import LogJson, Quiet, shown
from crosswarp.execution.engine import Engine
from crosswarp.registration.default import DEFAULT
from crosswarp.study.names import COHORT


@takes_engine
def preprocess(
    *,
    engine: Engine,
    scans: Annotated[
        Path,
        typer.Argument(
            help="BIDS data set; a folder with NIfTI files, zip archives or DICOM"
            f" files at any depth; one such file; or the {COHORT} of an archive."
        ),
    ],
    out: Annotated[Path, typer.Argument(help="Folder of the derivatives.")],
    resolution: Annotated[
        int, typer.Option(min=1, max=2, help="Spacing of the template grid, in mm.")
    ] = 1,
    brain_mask: Annotated[
        Literal["deepbet", "hd-bet", "template", "given"],
        typer.Option(
            help="Brain extraction: deepbet, hd-bet (slower), template (the template's"
            " mask, brought over by an affine registration) or given (as"
            " --skull-stripped)."
        ),
    ] = "deepbet",
    skull_stripped: Annotated[
        bool, typer.Option("--skull-stripped", help="Take the scans as skull-stripped.")
    ] = False,
    fall_back: Annotated[
        bool,
        typer.Option(
            "--fall-back",
            help="Use the template's mask where no brain is found; check these scans.",
        ),
    ] = False,
    template: Annotated[
        Path | None, typer.Option(help="T1w image of a template of your own, 1 mm.")
    ] = None,
    template_mask: Annotated[
        Path | None, typer.Option(help="Brain mask of that template, on the same grid.")
    ] = None,
    space: Annotated[
        str, typer.Option(help="Name of the template's space: letters and digits.")
    ] = "",
    registration: Annotated[
        str,
        typer.Option(
            help="Registration: two_stage (its prior the same everywhere; on a GPU if"
            " there is one), map (softer in structures known to change), greedy"
            " (fastest on a CPU), torch, or ants (SyN as in the paper: slow)."
        ),
    ] = DEFAULT,
    participant_label: Annotated[
        list[str] | None,
        typer.Option(help="Participant to process, with or without sub-; repeatable."),
    ] = None,
    prefer: Annotated[
        list[str] | None,
        typer.Option(
            help="Entity of the T1w image to take if a session has several, as"
            " acq-<label> or run-<index>; repeatable."
        ),
    ] = None,
    dicom_series: Annotated[
        list[str] | None,
        typer.Option(
            help="Number or SeriesInstanceUID of the DICOM series to take; of one scan"
            " only, as sub-<label>=N or ses-<label>=N; repeatable."
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Time limit per scan in minutes.")
    ] = 30.0,
    memory: Annotated[
        float, typer.Option(min=100, help="Memory limit per scan in megabytes.")
    ] = 8000.0,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Process failed scans again.")
    ] = False,
    redo: Annotated[
        bool,
        typer.Option(
            "--redo",
            help="Make maps again that were made with other options, or replace those"
            " of another file.",
        ),
    ] = False,
    from_derivatives: Annotated[
        bool,
        typer.Option(
            "--from-derivatives",
            help="Take SCANS as derivatives of fMRIPrep or sMRIPrep, and use their"
            " masks and transforms as they are.",
        ),
    ] = False,
    longitudinal: Annotated[
        bool,
        typer.Option(
            "--longitudinal",
            help="Estimate the change between the sessions of each participant, too:"
            " a map, and a table of regions in per cent a year.",
        ),
    ] = False,
    session_times: Annotated[
        Path | None,
        typer.Option(
            help="Table with participant_id, session_id and acq_time, age_years or"
            " months, for rates a year; the tables of the data set without it."
        ),
    ] = None,
    quiet: Quiet = False,
    log_json: LogJson = False,
) -> None:
    """Turn raw T1w scans into aligned T1w images and log-Jacobian maps."""
    from crosswarp.bids.series import SeriesChoice
    from crosswarp.longitudinal.cohort import check_changes
    from crosswarp.longitudinal.data_set import compare_data_set, longitudinal_asked
    from crosswarp.preprocessing.cohort import check_ledger
    from crosswarp.preprocessing.data_set import ScansAsked, preprocess_data_set
    from crosswarp.preprocessing.settings import PreprocessSettings
    from crosswarp.registration.build import registration_named
    from crosswarp.registration.template import template_named

    chosen = {
        "registration": registration_named(registration),
        "resolution": resolution,
        "brain_mask": "given" if skull_stripped else brain_mask,
        "fall_back": fall_back,
        "template": template_named(template, template_mask, space),
    }
    asked = ScansAsked(
        scans,
        participant_label or (),
        prefer or (),
        SeriesChoice.parse(dicom_series or []),
        60 * timeout,
        memory,
        retry_failed,
        redo,
        from_derivatives,
    )
    settings = PreprocessSettings.model_validate(chosen)
    compared = longitudinal_asked(asked, session_times) if longitudinal else None
    with shown(quiet, log_json) as watched:
        ledger, found = preprocess_data_set(
            asked,
            out,
            settings,
            engine=engine,
            progress=watched,
            say=lambda sentence: echo(sentence, err=True),
        )
        if compared is not None:
            changes = compare_data_set(
                asked, (ledger, found), (out, settings), compared, engine, watched
            )
            watched.say(f"{len(changes)} pairs of visits in {out}")
        check_ledger(ledger, out, found)
        if compared is not None:
            check_changes(changes, out)
        watched.say(f"{len(ledger)} scans in {out}")
