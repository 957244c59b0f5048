"""`crosswarp pretrain`: encoders learn from scans without a diagnosis."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.experiment import Check
from crosswarp.cli.shown import LogJson, Quiet, shown


def pretrain(
    choices: Annotated[
        Path,
        typer.Argument(
            metavar="PRETRAINING.yaml", help="name, derivatives, model and more."
        ),
    ],
    out: Annotated[Path, typer.Argument(help="Folder of the weights.")],
    check: Check = False,
    quiet: Quiet = False,
    log_json: LogJson = False,
) -> None:
    """Let a network's encoders learn from scans without a diagnosis.

    Whoever is seen is recorded beside the weights, and not tested afterwards. To start
    from them: `pretrained: {NAME: FOLDER}` in an experiment. Killed and given again,
    the command goes on.
    """
    from crosswarp.pretraining.pretrain import plan_pretraining
    from crosswarp.pretraining.pretrain import pretrain as run
    from crosswarp.pretraining.settings import read_pretraining

    settings = read_pretraining(choices)
    if check:
        plan = plan_pretraining(settings)
        extent = "x".join(str(n) for n in plan.grid.seen_extent)
        typer.echo(
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
