"""Independent trials behind a metric of 1."""

import numpy as np

from crosswarp.statistics.cells import Cell
from crosswarp.statistics.trials import trials_of
from tests.evaluation.made_predictions import cell, random_cells


def test_pairs_are_disjoint_and_within_a_fold() -> None:
    cells = [
        cell([1, 1, 1, 0], [0.5] * 4, fold=0),
        cell([1, 0, 0], [0.5] * 3, fold=1, first=4),
    ]
    assert trials_of(cells) == {
        "roc_auc": 1 + 1,
        "accuracy": 7,
        "sensitivity": 4,
        "recall": 4,
        "specificity": 3,
    }


def test_participants_count_once_over_scans_and_repeats() -> None:
    one = Cell(
        0,
        0,
        np.array([0, 0, 1, 1]),
        np.array([0, 0, 1, 1]),
        np.full((4, 2), 0.5),
        None,
    )
    again = Cell(1, 0, one.participants, one.truth, one.probabilities, None)
    assert trials_of([one, again])["roc_auc"] == 1
    assert trials_of([one, again])["accuracy"] == 2


def test_class_with_the_fewest_pairs_counts() -> None:
    cells = random_cells(np.random.default_rng(0), sizes=(9, 7), classes=3)
    # Of 9, three are of each class; of 7, classes have 3, 2 and 2.
    assert trials_of(cells) == {"roc_auc": 3 + 2, "accuracy": 16}
