"""Pieces of work, each a file that is written whole: the study goes on where it was."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.documents import read_json
from crosswarp.files import write_json

FOLDER: Final = "pieces"

Row = Mapping[str, Any]


def done_or_made(work: Path, name: str, make: Callable[[], Row]) -> Row:
    """Give the row of a piece: the one that is there, or a new one.

    Args:
        work: Folder of the study.
        name: Of the piece, ``experiment/what``.
        make: Does the work; what it returns must fit into JSON.
    """
    path = work / FOLDER / f"{name}.json"
    if not path.is_file():
        write_json(path, dict(make()))
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
    row: Row = read_json(path)
    return row


def rows_of(work: Path, experiment: str) -> pd.DataFrame:
    """Read all rows of an experiment that are there.

    Args:
        work: Folder of the study.
        experiment: First part of the names of its pieces.
    """
    found = sorted((work / FOLDER / experiment).glob("[!.]*.json"))
    return pd.DataFrame([read_json(path) for path in found])
