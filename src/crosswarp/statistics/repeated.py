"""What of several networks together can be tested: their mean over repeats."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from crosswarp.statistics.cells import Cell
from crosswarp.statistics.temperature import NOT_FITTED


def mean_over_repeats(cells: Sequence[Cell]) -> Cell | None:
    """Average each scan's probabilities over the repeats of the cross-validation.

    In every repeat one network did not see the participant. The mean of these networks
    is a mean of as many as there are repeats, none of which was trained on the scan;
    it is the only mean of networks of a run that can be tested.

    Args:
        cells: Cells of one model, sorted by repeat.

    Returns:
        All tested scans as one cell; None with one repeat, or when repeats tested
        different scans.
    """
    by_repeat: dict[int, list[Cell]] = {}
    for cell in cells:
        by_repeat.setdefault(cell.repeat, []).append(cell)
    if len(by_repeat) < 2:
        return None
    people, truths, probabilities = [], [], []
    for members in by_repeat.values():
        who = np.concatenate([cell.participants for cell in members])
        # All scans of a participant are in one cell, in the order of their sessions.
        order = np.argsort(who, kind="stable")
        people.append(who[order])
        truths.append(np.concatenate([cell.truth for cell in members])[order])
        found = np.concatenate([cell.probabilities for cell in members])
        probabilities.append(found[order])
    same = all(np.array_equal(people[0], other) for other in people[1:])
    if not same or not all(np.array_equal(truths[0], other) for other in truths[1:]):
        return None
    return replace(
        cells[0],
        repeat=0,
        fold=0,
        participants=people[0],
        truth=truths[0],
        probabilities=np.mean(probabilities, axis=0),
        temperature=NOT_FITTED,
        sessions=(),
    )
