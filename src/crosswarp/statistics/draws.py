"""Sums over scans for many weightings of the participants, without a table of both.

A table of draws by scans is the largest thing that the statistics hold. What is linear
in the weights needs none; what is not takes a few draws at a time.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from crosswarp.types.scores import (
    ParticipantIndex,
    ParticipantWeights,
    ScanValues,
    SummedDraws,
)

BLOCK: Final = 2**18
"""Numbers of a table that are held at a time: 2 MB, which a processor's cache holds."""


def blocks_of(draws: int, columns: int) -> Iterator[slice]:
    """Cut draws into blocks of about `BLOCK` numbers, each of one draw at least.

    Args:
        draws: Number of draws.
        columns: Numbers of one draw.

    Example:
        >>> list(blocks_of(5, BLOCK // 2))
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    rows = max(1, BLOCK // max(1, columns))
    for start in range(0, draws, rows):
        yield slice(start, min(start + rows, draws))


def weighted_sums(
    participants: ParticipantIndex, values: ScanValues, weights: ParticipantWeights
) -> SummedDraws:
    """Sum values over scans, each times the weight of its participant.

    The sum is linear in the weights: the scans of a participant are added up first.

    Args:
        participants: Participant of each scan.
        values: One row a scan, already times its share of its participant's weight.
        weights: Weight of each participant, one row a draw.

    Returns:
        One row a draw, one column for each of ``values``.
    """
    order = np.argsort(participants, kind="stable")
    present, starts = np.unique(participants[order], return_index=True)
    sums = np.add.reduceat(values[order], starts, axis=0)
    if len(present) < weights.shape[1]:
        weights = weights[:, present]
    found: SummedDraws = weights @ sums
    return found
