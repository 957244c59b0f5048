"""DecidedCell: decisions are given, and stay with their scans."""

import numpy as np

from crosswarp.statistics.decided import DecidedCell
from crosswarp.statistics.thresholds import Threshold
from crosswarp.statistics.weighted import pooled_metrics

CELL = DecidedCell(
    0,
    0,
    np.arange(4),
    np.array([0, 0, 1, 1]),
    np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]]),
    Threshold(0.5, "none"),
    sessions=("n/a",) * 4,
    decisions=np.array([0, 1, 1, 1]),
)


def test_decisions_are_those_given_whatever_the_probabilities() -> None:
    found = pooled_metrics([CELL], np.ones((1, 4)))
    assert found["sensitivity"][0] == 1
    assert found["specificity"][0] == 0.5
    assert found["roc_auc"][0] == 1


def test_some_of_the_scans_keep_their_decisions() -> None:
    some = CELL.only(np.array([False, True, True, False]))
    assert some.decided.tolist() == [1, 1]
    assert some.truth.tolist() == [0, 1]
    assert some.participants.tolist() == [1, 2]
