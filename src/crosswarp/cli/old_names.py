"""Names that commands had before: each answers for one release and says the new one."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import typer

from crosswarp.cli.compare import compare
from crosswarp.cli.echo import echo
from crosswarp.cli.export import export
from crosswarp.cli.models import models
from crosswarp.cli.pretrain import pretrain
from crosswarp.cli.weights import weights

NEW: Final[dict[str, tuple[str, Callable[..., None]]]] = {
    "train": ("compare", compare),
    "models": ("model list", models),
    "pretrain": ("model pretrain", pretrain),
    "export": ("model export", export),
}
"""By the old name, the new one and its command."""


def add_old_names(app: typer.Typer) -> None:
    """Let the old names answer, without a place in the help."""
    for name, (new, command) in NEW.items():
        app.command(name, hidden=True)(_told(command, name, new))
    old = typer.Typer(
        no_args_is_help=True, callback=lambda: _tell("weights", "model weights")
    )
    for each in weights.registered_commands:
        if each.callback is not None:
            old.command(each.name)(each.callback)
    app.add_typer(old, name="weights", hidden=True)


def _told(command: Callable[..., None], old: str, new: str) -> Callable[..., None]:
    """Give a command that says its new name first."""

    @wraps(command)
    def called(**given: Any) -> None:  # noqa: ANN401 - what the options hold
        _tell(old, new)
        command(**given)

    vars(called)["__signature__"] = inspect.signature(command)
    return called


def _tell(old: str, new: str) -> None:
    echo(
        f"crosswarp {old} is called crosswarp {new} now; the old name goes with the"
        " next release",
        err=True,
    )
