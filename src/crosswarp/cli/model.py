"""`crosswarp model`: networks, weights of others, pretraining and export."""

import typer

from crosswarp.cli.export import export
from crosswarp.cli.models import models
from crosswarp.cli.pretrain import pretrain
from crosswarp.cli.weights import weights

model = typer.Typer(
    no_args_is_help=True,
    help="Networks: list them, fetch weights, pretrain and export.",
)
model.command("list")(models)
model.add_typer(weights, name="weights")
model.command()(pretrain)
model.command()(export)
