"""Outcomes of pieces of work, and what those that failed printed, one file each."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from crosswarp.execution.outcome import Outcome
from crosswarp.files import written_whole

LOGS: Final = "logs"
"""Folder of them, beside an output."""

_NOT_IN_NAMES: Final = re.compile(r"[^\w.+=-]+")


def collect(
    answers: Iterable[tuple[str, Outcome]],
    logs: Path,
    on_done: Callable[[str, Outcome], None],
) -> dict[str, Outcome]:
    """Take outcomes in as they come: keep their logs, and tell of each.

    Args:
        answers: Name and outcome of each piece.
        logs: Folder of the logs.
        on_done: Told of each.
    """
    outcomes = {}
    for name, outcome in answers:
        outcomes[name] = keep_log(logs, name, outcome)
        on_done(name, outcomes[name])
    return outcomes


def keep_log(logs: Path, name: str, outcome: Outcome) -> Outcome:
    """Write down what a piece that failed has printed; forget it of one that is ok.

    Args:
        logs: Folder of the logs.
        name: Of the piece.
        outcome: How it ended.

    Returns:
        The outcome, with the file that was written.
    """
    path = logs / f"{_NOT_IN_NAMES.sub('_', name)}.log"
    if outcome.status == "ok":
        path.unlink(missing_ok=True)
        return outcome
    with written_whole(path) as temporary:
        text = f"{name}: {outcome.status}: {outcome.reason}\n\n{outcome.detail}\n"
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
    return replace(outcome, log=path)
