"""Cells of a run on disk: whether they are whole, and what killed runs left of them."""

import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from crosswarp.execution.logs import LOGS
from crosswarp.provenance import PRODUCTS, changed_products
from crosswarp.study.names import CACHE, EXCHANGE, MODELS, PREDICTIONS
from crosswarp.training.cell import UNFINISHED, CellRequest
from crosswarp.training.scans import Cell

MERGED: Final = (PREDICTIONS, EXCHANGE)
"""Tables of a cell that are put together with those of others."""


def changed_cell(folder: Path, done: Mapping[str, Any]) -> list[str]:
    """Say what of a cell is not as it was written.

    Args:
        folder: Of the cell.
        done: What its ``done.json`` holds.

    Returns:
        A phrase for each file; tables are compared by their bytes, all else by size.
    """
    listed = done.get(PRODUCTS)
    products = listed if isinstance(listed, dict) else {}
    merged = {name: made for name, made in products.items() if name in MERGED}
    return changed_products(folder, done, by_digest=False) or changed_products(
        folder, {PRODUCTS: merged}
    )


def place_of(cell: Cell, run: Path) -> str:
    """Name a cell by its folder, from that of its run."""
    return cell.folder.relative_to(run).as_posix()


def sweep(run: Path, todo: Collection[Cell]) -> None:
    """Delete what runs that were killed have left and no cell will go on with.

    Those are copies of maps, logs of failures, which will be written again where they
    fail again, and checkpoints of cells that are done or not wanted any more.

    Args:
        run: Folder of the run, on which nobody else works.
        todo: Cells that are not done.
    """
    for name in (CACHE, LOGS):
        shutil.rmtree(run / name, ignore_errors=True)
    wanted = {cell.working for cell in todo if isinstance(cell, CellRequest)}
    for path in (run / MODELS).glob(f"*/{UNFINISHED}*"):
        if path not in wanted:
            shutil.rmtree(path, ignore_errors=True)
