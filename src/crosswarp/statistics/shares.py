"""Weights with which every participant counts once."""

from collections.abc import Hashable, Sequence

import numpy as np

from crosswarp.types.scores import Scores


def participant_shares(participants: Sequence[Hashable] | np.ndarray) -> Scores:
    """Weigh scans so that every participant counts once, however many scans they have.

    Args:
        participants: Participant of each scan.

    Returns:
        One over the participant's number of scans.

    Example:
        >>> participant_shares(["a", "b", "b"])
        array([1. , 0.5, 0.5])
    """
    _, codes, counts = np.unique(
        np.asarray(participants), return_inverse=True, return_counts=True
    )
    shares: Scores = 1 / counts[codes]
    return shares
