"""`crosswarp model pretrain`: encoders learn from scans without a diagnosis."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo
from crosswarp.cli.experiment import Check
from crosswarp.cli.shown import LogJson, Quiet, shown


def pretrain(
    choices: Annotated[
        Path,
        typer.Argument(
            metavar="PRETRAINING.yaml",
            help="Pretraining file, YAML: name, derivatives, model and more.",
        ),
    ],
    out: Annotated[Path, typer.Argument(help="Folder for the weights.")],
    check: Check = False,
    quiet: Quiet = False,
    log_json: LogJson = False,
) -> None:
    """Pretrain the encoders of a network on scans without diagnoses.

    The participants seen are recorded beside the weights, and are never tested with
    them. An experiment starts from the weights with `pretrained: {NAME: FOLDER}`.
    Running the same command again resumes. On virtual participants pretraining did not
    raise the AUC (docs/measured/pretraining.md): compare it with fresh weights.
    """
    from crosswarp.pretraining.pretrain import plan_pretraining
    from crosswarp.pretraining.pretrain import pretrain as run
    from crosswarp.pretraining.settings import read_pretraining

    settings = read_pretraining(choices)
    if check:
        plan = plan_pretraining(settings)
        extent = "x".join(str(n) for n in plan.grid.seen_extent)
        echo(
            f"scans: {len(plan.samples)} of {len(plan.participants)} participants\n"
            f"maps: {extent} voxels at {plan.grid.resolution} mm\n"
            f"encoders of: {settings.model.name}"
        )
        return
    with shown(quiet, log_json) as watched:
        card = run(settings, out, watched)
        watched.say(
            f"{len(card.participants)} participants seen, loss {card.loss:.4f} after"
            f" {card.epochs} epochs: weights in {out}"
        )
