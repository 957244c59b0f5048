"""Choices given as arguments: all faults of them in one message."""

import difflib
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from crosswarp.errors import InputError

Choices = TypeVar("Choices", bound=BaseModel)


def checked(kind: type[Choices], given: Mapping[str, Any], function: str) -> Choices:
    """Check choices that a function was given by name.

    Args:
        kind: Class of the choices.
        given: Choices by the name of the argument.
        function: Name of the function, for the message.

    Returns:
        The choices, all others at their defaults.

    Raises:
        InputError: With every fault; an unknown argument with the nearest known one.
    """
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        faults = [_explained(fault, kind) for fault in error.errors(include_url=False)]
        msg = f"{function}(): {'; '.join(faults)}"
        raise InputError(msg) from error


def _explained(fault: Any, kind: type[BaseModel]) -> str:  # noqa: ANN401 - pydantic's
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden" and len(fault["loc"]) == 1:
        known = list(kind.model_fields)
        near = difflib.get_close_matches(place, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
        return f"no argument {place}; {hint}"
    what = str(fault["msg"]).removeprefix("Value error, ")
    return f"{place}: {what}, got {fault.get('input')!r:.60}"
