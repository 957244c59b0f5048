"""How many independent trials stand behind a metric that is exactly 1 or 0."""

from collections.abc import Sequence

import numpy as np

from crosswarp.statistics.cells import Cell


def trials_of(cells: Sequence[Cell]) -> dict[str, int]:
    """Count the independent trials behind AUC, accuracy, sensitivity and specificity.

    Participants are counted once, in the first repeat. An AUC within folds of 1 means
    that in every fold each participant of the smaller class beats another one of the
    larger class, in disjoint pairs. With more than two classes it is the class with the
    fewest such pairs that counts. The other metrics have no such trials.

    Args:
        cells: Cells of one model.

    Returns:
        By the names of `metrics.NAMES`; for `intervals.exact_bound`.
    """
    first = [cell for cell in cells if cell.repeat == cells[0].repeat]
    questions = zip(*([p for p, _ in cell.problems()] for cell in first), strict=True)
    pairs = [
        sum(
            min(_people(cell, positive), _people(cell, ~positive))
            for cell, positive in zip(first, question, strict=True)
        )
        for question in questions
    ]
    found = {
        "roc_auc": min(pairs),
        "accuracy": sum(_people(cell, cell.truth >= 0) for cell in first),
    }
    if cells[0].probabilities.shape[1] == 2:
        positives, negatives = (
            sum(_people(cell, cell.truth == index) for cell in first)
            for index in (1, 0)
        )
        found |= {"sensitivity": positives, "recall": positives}
        found |= {"specificity": negatives}
    return found


def _people(cell: Cell, chosen: np.ndarray) -> int:
    return len(np.unique(cell.participants[chosen]))
