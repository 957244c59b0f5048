"""`crosswarp simulate`: virtual participants with a known truth."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.shown import LogJson, Quiet, shown


def simulate(
    out: Annotated[Path, typer.Argument(help="Root of the BIDS data set to write.")],
    participants: Annotated[int, typer.Option(min=1, help="How many.")] = 32,
    seed: Annotated[int, typer.Option(min=0, help="Of everything drawn.")] = 0,
    preset: Annotated[
        str, typer.Option(help="easy: clear atrophy; null: no difference of groups.")
    ] = "easy",
    classes: Annotated[
        str, typer.Option(help="Diagnoses, dealt in turn: CN,AD or CN,MCI,AD.")
    ] = "CN,AD",
    workers: Annotated[
        int, typer.Option(min=1, help="Heads at a time, one core each.")
    ] = 2,
    quiet: Quiet = False,
    log_json: LogJson = False,
) -> None:
    """Make raw heads of virtual participants from real ones."""
    from crosswarp.bids.cohort import VIRTUAL_NOTICE
    from crosswarp.bids.diagnoses import Diagnosis
    from crosswarp.simulation.cohort import simulate_cohort
    from crosswarp.simulation.settings import preset_settings

    settings = preset_settings(
        preset,
        participants=participants,
        seed=seed,
        classes=tuple(Diagnosis.parse(name) for name in classes.split(",")),
        workers=workers,
    )
    with shown(quiet, log_json) as watched:
        table = simulate_cohort(out, settings, watched)
        watched.say(f"{len(table)} virtual participants in {out}")
        watched.say(VIRTUAL_NOTICE)
