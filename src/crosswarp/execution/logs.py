"""What failed pieces of work printed, one file each."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from crosswarp.execution.isolated import Outcome
from crosswarp.files import written_whole

LOGS: Final = "logs"
"""Folder of them, beside an output."""

_NOT_IN_NAMES: Final = re.compile(r"[^\w.+=-]+")


def keep_log(logs: Path, name: str, outcome: Outcome) -> Outcome:
    """Write down what a piece that failed has printed; forget it of one that is ok.

    Args:
        logs: Folder.
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
        temporary.write_text(text, encoding="utf-8")
    return replace(outcome, log=path)
