"""The experiment file, flat."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT

PATHS = ("cohort", "derivatives", "folds")
"""Settings of which only the last part is shown: folders may name people."""


def tabulate(run: Run) -> Table:
    """List every setting of the run, but for those of single models."""
    common = {
        name: value
        for name, value in run.experiment.everything.items()
        if name != "models"
    }
    return Table(
        "Settings of the run",
        ["Setting", "Value"],
        [[name, _shown(name, value)] for name, value in flat(common)],
    )


def flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - what YAML and JSON hold
    """Walk nested settings, giving ``training.epochs`` and its value.

    Example:
        >>> list(flat({"a": {"b": 1}, "c": [2, 3]}))
        [('a.b', 1), ('c', '2, 3')]
    """
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for index, item in enumerate(value, start=1):
            yield from flat(item, f"{name} {index}")
    elif isinstance(value, list):
        yield name, ", ".join(str(item) for item in value)
    else:
        yield name, value


def _shown(name: str, value: object) -> str:
    if value is None:
        return ABSENT
    return PurePath(str(value)).name if name in PATHS else str(value)
