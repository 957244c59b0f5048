"""The tables of a run, put together from those of its cells."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.tables import read_table, write_table
from crosswarp.evaluation.predictions import TEXT
from crosswarp.study.names import EXCHANGE, PREDICTIONS
from crosswarp.training.baseline import BaselineRequest
from crosswarp.training.cell import CellRequest
from crosswarp.training.exchange import merge_tables
from crosswarp.training.scans import Cell

SORTED_BY: Final = (
    "model",
    "repeat",
    "fold",
    "split",
    "participant_id",
    "session_id",
)


def merge_predictions(run: Path, cells: Sequence[Cell]) -> pd.DataFrame:
    """Put the predictions of cells together in a run; no file where there is none."""
    if not cells:
        (run / PREDICTIONS).unlink(missing_ok=True)
        return pd.DataFrame()
    merged = pd.concat(
        _sorted([cell for cell in cells if isinstance(cell, kind)])
        # Networks first: what is compared with the first model should be one.
        for kind in (CellRequest, BaselineRequest)
    )
    write_table(run / PREDICTIONS, merged)
    return merged


def merge_exchanges(run: Path, cells: Sequence[CellRequest]) -> None:
    """Put the exchanges of cells together in a run; no file where there is none."""
    paths = [cell.folder / EXCHANGE for cell in cells]
    merged = merge_tables(read_table(path) for path in paths if path.is_file())
    if len(merged):
        write_table(run / EXCHANGE, merged)
    else:
        (run / EXCHANGE).unlink(missing_ok=True)


def _sorted(cells: Sequence[Cell]) -> pd.DataFrame:
    if not cells:
        return pd.DataFrame()
    tables = pd.concat(
        [read_table(cell.folder / PREDICTIONS, text=TEXT) for cell in cells]
    )
    return tables.sort_values(list(SORTED_BY), ignore_index=True)
