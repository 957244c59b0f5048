"""`crosswarp simulate`: virtual participants with a known truth."""

from pathlib import Path
from typing import Annotated, Any

import typer

from crosswarp.cli.shown import LogJson, Quiet, shown

PRESET_HELP = (
    "easy: clear atrophy; realistic: as hard as real cohorts; null: no difference of"
    " groups; confounded: age and site carry the label."
)


def simulate(
    out: Annotated[Path, typer.Argument(help="Root of the BIDS data set to write.")],
    participants: Annotated[int, typer.Option(min=1, help="How many.")] = 32,
    seed: Annotated[int, typer.Option(min=0, help="Of everything drawn.")] = 0,
    preset: Annotated[str, typer.Option(help=PRESET_HELP)] = "easy",
    classes: Annotated[
        str, typer.Option(help="Diagnoses, dealt in turn: CN,AD or CN,MCI,AD.")
    ] = "CN,AD",
    head: Annotated[
        list[Path] | None,
        typer.Option(help="Your own T1w head to make them from; repeatable."),
    ] = None,
    sites: Annotated[
        int | None, typer.Option(min=1, max=99, help="Scanners; the preset's if not.")
    ] = None,
    bad_scans: Annotated[
        float, typer.Option(min=0, max=1, help="Share of unusable scans, to test QC.")
    ] = 0.0,
    missing: Annotated[
        float, typer.Option(min=0, max=0.9, help="Share of unknown ages, sexes, sites.")
    ] = 0.0,
    truth_resolution: Annotated[
        int, typer.Option(min=1, max=2, help="Millimetres of the true maps: 1 or 2.")
    ] = 2,
    workers: Annotated[
        int, typer.Option(min=1, help="Heads at a time, one core each.")
    ] = 2,
    quiet: Quiet = False,
    log_json: LogJson = False,
) -> None:
    """Make raw heads of virtual participants from real ones."""
    from crosswarp.bids.cohort import VIRTUAL_NOTICE
    from crosswarp.bids.diagnoses import Diagnosis
    from crosswarp.simulation.base_heads import prepare_own_heads
    from crosswarp.simulation.cohort import simulate_cohort
    from crosswarp.simulation.presets import preset_settings

    chosen: dict[str, Any] = {
        "participants": participants,
        "seed": seed,
        "classes": tuple(Diagnosis.parse(name) for name in classes.split(",")),
        "missing_rate": missing,
        "truth_resolution": truth_resolution,
        "workers": workers,
    }
    scanner = preset_settings(preset, **chosen).acquisition
    changes: dict[str, Any] = {"bad_rate": bad_scans}
    if sites is not None:
        changes["sites"] = tuple(f"site{n}" for n in range(1, sites + 1))
    chosen["acquisition"] = scanner.model_copy(update=changes)
    if head:
        chosen["heads"] = prepare_own_heads(head, out)
    settings = preset_settings(preset, **chosen)
    with shown(quiet, log_json) as watched:
        table = simulate_cohort(out, settings, watched)
        watched.say(f"{len(table)} virtual participants in {out}")
        watched.say(VIRTUAL_NOTICE)
