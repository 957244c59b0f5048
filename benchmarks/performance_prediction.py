"""What a prediction costs: from a raw head, and from maps that are there.

As a command (Python, libraries and page included) and inside a process that has asked
before. The first command makes the maps of the scan in ``OUT``; all later ones find
them. ``OUT`` has to be new.
"""

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import DEVNULL, run

from benchmarks.performance_chain import timed
from crosswarp.errors import InputError


@dataclass(frozen=True)
class Asked:
    """What one question to a trained model took.

    Attributes:
        what: What was asked, and how.
        seconds: Processor's seconds, children included.
        wall: Seconds on the clock.
    """

    what: str
    seconds: float
    wall: float


def predictions(bundle: Path, scan: Path, out: Path, turns: int) -> list[Asked]:
    """Ask a trained model about one scan, again and again.

    Args:
        bundle: Folder of a bundle.
        scan: Raw T1w head.
        out: New folder for the maps.
        turns: Questions of each kind once the maps are there.

    Raises:
        InputError: If the folder is there.
    """
    if out.exists():
        msg = f"{out} is there: the first question has to make the maps; name a new one"
        raise InputError(msg)
    words = [sys.executable, "-m", "crosswarp", "predict", "--quiet"]
    command = partial(
        run, [*words, str(bundle), str(scan), str(out)], check=True, stdout=DEVNULL
    )
    found = [Asked("raw head, as a command", *timed(command))]
    found += [Asked("maps, as a command", *timed(command)) for _ in range(turns)]
    from crosswarp.prediction.predict import predict_scan

    question = partial(predict_scan, bundle, scan, out)
    question()
    asked = "maps, in a process that has asked before"
    return [*found, *(Asked(asked, *timed(question)) for _ in range(turns))]


def table(found: list[Asked]) -> str:
    """Lay the questions out as Markdown."""
    rows = [f"| {each.what} | {each.seconds:.2f} | {each.wall:.2f} |" for each in found]
    head = ["| | CPU s | wall s |", "| --- | ---: | ---: |"]
    return "\n".join([*head, *rows, ""])
