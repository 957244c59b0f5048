"""Where a command's work runs: options of the command line become an engine."""

import inspect
from collections.abc import Callable
from dataclasses import fields, replace
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from crosswarp.execution.build import build_engine
from crosswarp.execution.engine import Engine
from crosswarp.execution.options import EngineOptions

PANEL = "Where it runs"


def engine_of(options: EngineOptions) -> Engine:
    """Make the engine that options of the command line ask for."""
    return build_engine(options, as_option)


def as_option(name: str) -> str:
    """Spell a choice as an option of the command line."""
    spelled = "engine" if name == "name" else name
    return f"--{spelled.replace('_', '-')}"


def takes_engine(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options; its argument ``engine`` becomes the `Engine`.

    Args:
        command: With an argument of that name, which is no option itself.
    """
    options = _parameters()

    @wraps(command)
    def with_engine(**given: Any) -> None:  # noqa: ANN401 - what the options hold
        chosen = {name: given.pop(option.name) for name, option in options.items()}
        command(**given, engine=engine_of(EngineOptions(**chosen)))

    signature = inspect.signature(command, eval_str=True)
    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in signature.parameters.values()
        if parameter.name != "engine"
    ]
    joined = signature.replace(parameters=[*own, *options.values()])
    vars(with_engine)["__signature__"] = joined
    return with_engine


def _parameters() -> dict[str, inspect.Parameter]:
    """Make a parameter of a command of each choice, by the name of the choice."""
    hints = get_type_hints(EngineOptions)
    return {
        field.name: inspect.Parameter(
            as_option(field.name).removeprefix("--").replace("-", "_"),
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=Annotated[
                hints[field.name],
                typer.Option(help=field.metadata["help"], rich_help_panel=PANEL),
            ],
        )
        for field in fields(EngineOptions)
    }


def engine_named(
    chosen: EngineOptions, named: str | None, workers: int | None
) -> EngineOptions:
    """Take a study's engine, or the one that the command line names instead.

    Args:
        chosen: What the study file says.
        named: Name of an engine, or a YAML file with the keys of the study file's
            section; the study's engine when None.
        workers: Number of processes; as chosen when None.

    Raises:
        InputError: If the file has faults, or there is no such engine.
    """
    from crosswarp.study.settings import read_engine

    if named is not None:
        chosen = read_engine(named)
    return chosen if workers is None else replace(chosen, workers=workers)
