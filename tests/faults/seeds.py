"""What a reader is fuzzed with, and how several readers are called in turn."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from crosswarp.errors import CrosswarpError


@dataclass(frozen=True)
class Seeds:
    """Sound files of a reader.

    Attributes:
        targets: Files that are damaged, one at a time.
        read: Reads all that the reader would; raises what the program would.
    """

    targets: list[Path]
    read: Callable[[], object]


def each(read: Callable[[Path], object], paths: list[Path]) -> None:
    """Read files one after the other, each whatever became of the others."""
    in_turn([partial(read, path) for path in paths])


def in_turn(calls: list[Callable[[], object]]) -> None:
    """Call all; an error of ours of one does not keep the others from being tried."""
    refused: CrosswarpError | None = None
    for call in calls:
        try:
            call()
        except CrosswarpError as error:
            refused = error
    if refused is not None:
        raise refused
