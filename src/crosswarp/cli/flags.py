"""Arguments of the library as options of the command line.

Messages of the library name arguments in backquotes, as Python has them:
`` `redo=True` ``, `` `registration='greedy'` ``. What a command prints names the option
instead: ``--redo``, ``--registration greedy``.
"""

import ast
import re
import shlex
from typing import Final

FLAGS: Final = {
    "affine": "--affine",
    "age": "--age",
    "allow_missing": "--allow-missing",
    "apply": "--apply",
    "balance": "--balance",
    "brain_mask": "--brain-mask",
    "columns": "--column",
    "diagnoses": "--diagnoses",
    "dicom_series": "--dicom-series",
    "drop": "--drop",
    "engine": "--engine",
    "even_if_unlike": "--even-if-unlike",
    "fall_back": "--fall-back",
    "field_strength": "--field-strength",
    "from_derivatives": "--from-derivatives",
    "folder": "--folder",
    "group": "--group",
    "keep_affine": "--keep-affine",
    "kind": "--format",
    "leave_one_out": "--leave-one-out",
    "longitudinal": "--longitudinal",
    "mapping": "--map",
    "moving": "--moving",
    "overlap": "--overlap",
    "overwrite": "--overwrite",
    "own": "--own",
    "port": "--port",
    "prefer": "--prefer",
    "prevalence": "--prevalence",
    "publish": "--publish",
    "recalibrate": "--recalibrate",
    "redo": "--redo",
    "reference": "--reference",
    "registration": "--registration",
    "resolution": "--resolution",
    "salt": "--salt",
    "session_times": "--session-times",
    "sex": "--sex",
    "sex_codes": "--sex-codes",
    "space": "--space",
    "steps": "--steps",
    "stratify": "--stratify",
    "strict": "--strict",
    "template": "--template",
    "template_mask": "--template-mask",
    "test_where": "--test-where",
    "transform_format": "--transform-format",
    "workers": "--workers",
}
"""Option of each argument that a message may name."""

SKULL_STRIPPED: Final = "brain_mask='given'"
"""An argument that has an option of its own."""

_ARGUMENT: Final = re.compile(r"`(\w+)(?:=([^`]*))?`")


def with_flags(text: str) -> str:
    """Name the options of the command line where a message names arguments.

    Args:
        text: Message of the library; other words in backquotes stay as they are.

    Example:
        >>> with_flags("give `registration='greedy'` or `redo=True`; see `run`")
        'give --registration greedy or --redo; see `run`'
        >>> with_flags("`fall_back=False`, `columns={'diagnosis': 'group'}`, `run`")
        'no --fall-back, --column diagnosis=group, `run`'
    """
    return _ARGUMENT.sub(_flag, text)


def _flag(found: re.Match[str]) -> str:
    name, value = found.groups()
    flag = FLAGS.get(name)
    if flag is None:
        return found.group()
    if value is None or value == "True":
        return flag
    if value == "False":
        return f"no {flag}"
    if f"{name}={value}" == SKULL_STRIPPED:
        return "--skull-stripped"
    return f"{flag} {_typed(value)}"


def _typed(value: str) -> str:
    """Write a Python literal as it is typed behind an option."""
    try:
        literal = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return value
    if isinstance(literal, dict):
        pairs = [f"{key}={each}" for key, each in literal.items()]
        return ",".join(shlex.quote(pair) for pair in pairs)
    return shlex.quote(str(literal))
