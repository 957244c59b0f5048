"""Files of choices: YAML, paths from the file on, all faults shown at once."""

import difflib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from crosswarp.errors import InputError
from crosswarp.files import read_settings, written_whole

Choices = TypeVar("Choices", bound=BaseModel)


def read_choices(
    path: Path, kind: type[Choices], paths: Sequence[str], called: str
) -> Choices:
    """Read a file of choices.

    Args:
        path: YAML.
        kind: What it must be.
        paths: Keys that hold a path, a list of paths, or paths by name: relative ones
            count from the file.
        called: What such a file describes, in one word.

    Raises:
        InputError: With every fault of the file, one a line; an unknown key with the
            nearest right one.
    """
    try:
        content = read_settings(path)
    except FileNotFoundError as error:
        msg = f"no {called} file at {path}"
        raise InputError(msg) from error
    placed = {
        key: _placed(value, path.parent) if key in paths else value
        for key, value in content.items()
    }
    try:
        return kind.model_validate(placed)
    except ValidationError as error:
        faults = [_explained(fault, kind, called) for fault in _own(error.errors())]
        msg = f"{path} has {len(faults)} fault(s):\n" + "\n".join(
            f"  {fault}" for fault in faults
        )
        raise InputError(msg) from error


def write_choices(path: Path, chosen: BaseModel, paths: Sequence[str]) -> None:
    """Write choices, every one spelt out, paths as the way from the file."""
    content = chosen.model_dump(mode="json")
    folder = path.parent.resolve()
    for key in paths:
        content[key] = _way(content[key], folder)
    text = yaml.safe_dump(content, sort_keys=False)
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _placed(value: Any, folder: Path) -> Any:  # noqa: ANN401 - not checked yet
    """Take paths from the folder of the file, not from where the program runs."""
    if isinstance(value, str):
        return folder / value
    if isinstance(value, list):
        return [_placed(each, folder) for each in value]
    if isinstance(value, dict):
        return {name: _placed(each, folder) for name, each in value.items()}
    return value


def _way(value: Any, folder: Path) -> Any:  # noqa: ANN401 - as it was read
    if isinstance(value, str):
        return Path(os.path.relpath(Path(value).resolve(), folder)).as_posix()
    if isinstance(value, list):
        return [_way(each, folder) for each in value]
    if isinstance(value, dict):
        return {name: _way(each, folder) for name, each in value.items()}
    return value


def _own(faults: list[Any]) -> list[Any]:
    """Leave out lists that are too short only because their entries are wrong."""
    inner = {fault["loc"][:n] for fault in faults for n in range(len(fault["loc"]))}
    return [f for f in faults if f["type"] != "too_short" or f["loc"] not in inner]


def _explained(fault: Any, kind: type[BaseModel], called: str) -> str:  # noqa: ANN401
    place = ".".join(str(part) for part in fault["loc"]) or called
    if fault["type"] == "extra_forbidden":
        key, known = str(fault["loc"][-1]), _known_keys(kind, fault["loc"][:-1])
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
        return f"{place}: unknown key; {hint}"
    if fault["type"] == "missing":
        return f"{place}: missing"
    message = str(fault["msg"]).removeprefix("Value error, ")
    given = fault.get("input")
    named = repr(given) in message or not isinstance(given, str | int | float)
    shown = "" if named else f", got {given!r}"
    return f"{place}: {message}{shown}"


def _known_keys(kind: type[BaseModel], place: tuple[str | int, ...]) -> list[str]:
    """Names of the keys at a place of the file."""
    model: Any = kind
    for part in place:
        if isinstance(part, str):
            model = model.model_fields[part].annotation
            while not hasattr(model, "model_fields") and get_args(model):
                model = get_args(model)[0]
    return list(model.model_fields)
