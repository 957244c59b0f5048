"""What a reader must know before believing the numbers."""

from collections.abc import Sequence

import numpy as np

from crosswarp.evaluation.cells import Cell, People
from crosswarp.evaluation.predictions import Predictions

FEW_A_CLASS = 5
"""Test scans of a class in a fold below which its own AUC is a coarse number."""

FEW_PARTICIPANTS = 50
"""Participants below which percentile intervals of AUC tend to be too narrow."""


def red_flags(
    predictions: Predictions, cells: Sequence[Cell], people: People
) -> list[str]:
    """List plain sentences about the design; empty when nothing stands out.

    Args:
        predictions: All of them.
        cells: Of one model: every model has the same scans and folds.
        people: Who was tested.
    """
    found = []
    smallest = {
        f"repeat {cell.repeat} fold {cell.fold}": int(
            np.bincount(cell.truth, minlength=len(predictions.classes)).min()
        )
        for cell in cells
    }
    empty = [where for where, scans in smallest.items() if scans == 0]
    few = [where for where, scans in smallest.items() if 0 < scans < FEW_A_CLASS]
    if empty:
        found.append(f"No AUC where a class has no test scan: {', '.join(empty)}.")
    if few:
        found.append(
            f"{len(few)} of {len(cells)} folds have fewer than {FEW_A_CLASS} test scans"
            " of a class: the AUC of such a fold alone is coarse."
        )
    if len(people.ids) < FEW_PARTICIPANTS:
        found.append(
            f"{len(people.ids)} participants: intervals of so few tend to be too"
            " narrow."
        )
    return found
