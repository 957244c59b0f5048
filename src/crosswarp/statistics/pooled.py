"""One question put to all scans of all folds: for what rests on probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crosswarp.statistics.cells import Cell
from crosswarp.types.scores import ParticipantIndex, Positives, Scores


@dataclass(frozen=True)
class Pooled:
    """Scans of all folds and repeats with the probability of one class.

    Probabilities, unlike ranks, claim to be on one scale in every fold; whether they
    are is what calibration asks.

    Attributes:
        name: The class asked about.
        positive: Which scans are of it.
        probability: Probability of the class.
        participants: Who each scan is of.
        repeats: How often each scan is there.
        shares: Weight of each scan: one over the scans that its participant has in
            its cell.
    """

    name: str
    positive: Positives
    probability: Scores
    participants: ParticipantIndex
    repeats: int
    shares: Scores


def pool(cells: Sequence[Cell], classes: Sequence[str]) -> list[Pooled]:
    """Put the cells of a model together: one question for two classes, else each."""
    truth = np.concatenate([cell.truth for cell in cells])
    probabilities = np.concatenate([cell.probabilities for cell in cells])
    participants = np.concatenate([cell.participants for cell in cells])
    shares = np.concatenate([cell.shares for cell in cells])
    repeats = len({cell.repeat for cell in cells})
    asked = [len(classes) - 1] if len(classes) == 2 else range(len(classes))
    return [
        Pooled(
            classes[index],
            truth == index,
            probabilities[:, index],
            participants,
            repeats,
            shares,
        )
        for index in asked
    ]
