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
    for cell in cells:
        counts = np.bincount(cell.truth, minlength=len(predictions.classes))
        where = f"repeat {cell.repeat}, fold {cell.fold}"
        if not cell.has_all_classes:
            found.append(
                f"{where}: not every class has a test scan; this fold has no AUC."
            )
        elif counts.min() < FEW_A_CLASS:
            found.append(
                f"{where}: {counts.min()} test scans of a class; its AUC is coarse."
            )
    if len(people.ids) < FEW_PARTICIPANTS:
        found.append(
            f"{len(people.ids)} participants: intervals of so few tend to be too"
            " narrow."
        )
    return found
