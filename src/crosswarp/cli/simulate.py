"""`crosswarp simulate`: virtual participants with a known truth."""

from pathlib import Path
from typing import Annotated, Any

import typer

from crosswarp.cli.shown import LogJson, Quiet, shown

PRESET_HELP = (
    "Kind of cohort: easy (clear effects), realistic (overlapping, in volumes and"
    " signal), null (no difference between groups), confounded (age and site carry the"
    " label), or a known world, where atrophy (volume), the signal of tissue"
    " (intensity), both of them (both) or whether they come together (relation,"
    " exclusive_or) carries the label."
)


def simulate(
    out: Annotated[Path, typer.Argument(help="Root of the BIDS data set to write.")],
    participants: Annotated[
        int, typer.Option(min=1, help="Number of virtual participants.")
    ] = 32,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
    preset: Annotated[str, typer.Option(help=PRESET_HELP)] = "easy",
    classes: Annotated[
        str, typer.Option(help="Diagnoses, assigned in turn: CN,AD or CN,MCI,AD.")
    ] = "CN,AD",
    head: Annotated[
        list[Path] | None,
        typer.Option(
            help="T1w head of your own to make participants from; repeatable."
        ),
    ] = None,
    sites: Annotated[
        int | None,
        typer.Option(
            min=1, max=99, help="Number of scanners; that of the preset by default."
        ),
    ] = None,
    bad_scans: Annotated[
        float,
        typer.Option(min=0, max=1, help="Fraction of unusable scans, to test QC."),
    ] = 0.0,
    missing: Annotated[
        float,
        typer.Option(min=0, max=0.9, help="Fraction of missing ages, sexes and sites."),
    ] = 0.0,
    truth_resolution: Annotated[
        int, typer.Option(min=1, max=2, help="Resolution of the true maps, 1 or 2 mm.")
    ] = 2,
    truth_maps: Annotated[
        bool,
        typer.Option(
            "--truth-maps/--no-truth-maps",
            help="Write the true maps, 7 MB a scan at 2 mm.",
        ),
    ] = True,
    workers: Annotated[
        int, typer.Option(min=1, help="Heads made in parallel, one core each.")
    ] = 2,
    quiet: Quiet = False,
    log_json: LogJson = False,
) -> None:
    """Simulate raw T1w scans of virtual participants from real heads."""
    from crosswarp.bids.cohort import VIRTUAL_NOTICE
    from crosswarp.bids.diagnoses import Diagnosis
    from crosswarp.simulation.base_heads import prepare_own_heads
    from crosswarp.simulation.choices import SimulationChoices
    from crosswarp.simulation.cohort import simulate_cohort

    chosen: dict[str, Any] = {
        "preset": preset,
        "participants": participants,
        "seed": seed,
        "classes": tuple(Diagnosis.parse(name) for name in classes.split(",")),
        "sites": sites,
        "bad_scans": bad_scans,
        "missing": missing,
        "truth_resolution": truth_resolution,
        "truth_maps": truth_maps,
    }
    choices = SimulationChoices.model_validate(chosen)
    choices.settings()  # what cannot be used is said before heads are prepared
    own = prepare_own_heads(head, out) if head else ()
    settings = choices.settings(workers, own)
    with shown(quiet, log_json) as watched:
        table = simulate_cohort(out, settings, watched)
        watched.say(f"{len(table)} virtual participants in {out}")
        watched.say(VIRTUAL_NOTICE)
