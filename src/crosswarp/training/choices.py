"""Files of choices: YAML, paths from the file on, all faults shown at once."""

import difflib
import os
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from crosswarp.documents import path_from, read_settings
from crosswarp.errors import InputError
from crosswarp.files import written_whole

Choices = TypeVar("Choices", bound=BaseModel)


def read_choices(
    path: Path, kind: type[Choices], paths: Sequence[str], called: str
) -> Choices:
    """Read a file of choices.

    Args:
        path: Path of the YAML file.
        kind: What it must be.
        paths: Keys that hold a path, a list of paths, or paths by name: relative ones
            count from the file. ``a.b`` is the key ``b`` in the section ``a``.
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
    placed: Any = content
    for key in paths:
        placed = _placed_at(placed, key.split("."), path.parent)
    try:
        return kind.model_validate(placed)
    except ValidationError as error:
        raise InputError(told(path, faults_of(error, kind, called))) from error


def faults_of(error: ValidationError, kind: type[BaseModel], called: str) -> list[str]:
    """Say what pydantic found wrong, a phrase a fault; arguments as `read_choices`."""
    return [_explained(fault, kind, called) for fault in _own(error.errors())]


def told(path: Path, faults: Sequence[str]) -> str:
    """Make one message of all faults of a file, one a line."""
    listed = "\n".join(f"  {fault}" for fault in faults)
    return f"{path} has {len(faults)} fault(s):\n{listed}"


def write_choices(path: Path, chosen: BaseModel, paths: Sequence[str]) -> None:
    """Write choices, every one spelt out, paths as the way from the file."""
    content = chosen.model_dump(mode="json")
    folder = path.parent.resolve()
    for key in paths:
        content[key] = _way(content[key], folder)
    text = yaml.safe_dump(content, sort_keys=False)
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _placed_at(value: Any, way: list[str], folder: Path) -> Any:  # noqa: ANN401
    """Place the paths at a key, given as the sections that lead to it."""
    if not way:
        return _placed(value, folder)
    if isinstance(value, dict) and way[0] in value:
        return {**value, way[0]: _placed_at(value[way[0]], way[1:], folder)}
    return value


def _placed(value: Any, folder: Path) -> Any:  # noqa: ANN401 - not checked yet
    """Take paths from the folder of the file, not from where the program runs."""
    if isinstance(value, str):
        return path_from(folder, value)
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
    if fault["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
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
    members: list[Any] = [kind]
    for part in place:
        if not isinstance(part, str):
            continue
        inner = [_keys(one)[part] for one in members if part in _keys(one)]
        if inner:
            members = [each for one in inner for each in _classes(one)]
        else:
            # The place names which of several classes was taken, by one of its values.
            members = [one for one in members if _is_called(one, part)] or members
    return list(_keys(members[0]))


def _keys(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a class of choices
    """Give the type of each key of a class."""
    if is_dataclass(kind):
        return {one.name: one.type for one in fields(kind)}
    return {name: field.annotation for name, field in kind.model_fields.items()}


def _classes(annotation: Any) -> list[Any]:  # noqa: ANN401 - a type
    """Find the classes of choices in a type, such as one of several."""
    if hasattr(annotation, "model_fields") or is_dataclass(annotation):
        return [annotation]
    return [each for one in get_args(annotation) for each in _classes(one)]


def _is_called(kind: Any, name: str) -> bool:  # noqa: ANN401 - a class of choices
    return any(field.default == name for field in kind.model_fields.values())
