"""JSON as anybody writes it, bounded before anything is built from it."""

import json
import math
import re
from functools import partial
from typing import Any, Final, NoReturn

BRACKETS: Final = 400_000
"""Lists and objects of a JSON file, and brackets in its text."""

_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET: Final = re.compile(r"[][{}]")
_HALF_CHARACTER: Final = re.compile(r"\\u[dD][89a-fA-F]")


def parsed_json(text: str, *, depth: int, digits: int, strict: bool) -> Any:  # noqa: ANN401
    """Parse JSON.

    Args:
        text: All of a file.
        depth: How deep lists and objects may lie in each other.
        digits: Longest whole number.
        strict: Whether what is not quite JSON is refused; else a number that is none
            is None, and of a key that is there twice the last value counts.

    Raises:
        ValueError: If it is not JSON, or goes over a bound.
    """
    _check_depth(text, depth)
    if _HALF_CHARACTER.search(text):
        _check_characters(text)
    return json.loads(
        text,
        parse_int=partial(_whole_number, most=digits),
        parse_float=_number if strict else _number_or_nothing,
        parse_constant=_no_number if strict else _nothing,
        object_pairs_hook=_once if strict else dict,
    )


def _check_depth(text: str, most: int) -> None:
    """Count brackets in brackets, which the parser would follow by recursion."""
    brackets = text.count("[") + text.count("{")
    if brackets > BRACKETS:
        msg = f"more than {BRACKETS} lists and objects"
        raise ValueError(msg)
    if brackets <= most:
        return
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > most:
            msg = f"more than {most} brackets lie in each other"
            raise ValueError(msg)


def _check_characters(text: str) -> None:
    """Refuse halves of characters, which no file and no terminal takes."""
    for string in _STRING.finditer(text):
        json.loads(string[0], strict=False).encode()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"{twice!r:.60} is there twice"
        raise ValueError(msg)
    return found


def _whole_number(digits: str, most: int) -> int:
    if len(digits) > most:
        msg = f"a number of {len(digits)} digits; {most} are read"
        raise ValueError(msg)
    return int(digits)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _no_number(text)
    return number


def _number_or_nothing(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _no_number(text: str) -> NoReturn:
    msg = f"{text:.20} is no number"
    raise ValueError(msg)


def _nothing(_: str) -> None:
    return None
