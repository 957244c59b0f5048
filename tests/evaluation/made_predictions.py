"""Predictions made by hand or by a seed, as `crosswarp compare` would write them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from crosswarp.evaluation.predictions import Predictions, check_predictions
from crosswarp.statistics.cells import Cell
from crosswarp.statistics.thresholds import Threshold


def rows(
    diagnoses: Sequence[str],
    probabilities: Mapping[str, Sequence[float]],
    folds: Sequence[int],
    split: str = "test",
    repeat: int = 0,
) -> pd.DataFrame:
    """One row a scan and model, of CN and AD.

    Args:
        diagnoses: One participant each.
        probabilities: Of AD, by model.
        folds: Of each participant.
        split: Of all rows.
        repeat: Of all rows.
    """
    tables = []
    for model, values in probabilities.items():
        positive = np.asarray(values, dtype=float)
        tables.append(
            pd.DataFrame(
                {
                    "model": model,
                    "repeat": repeat,
                    "fold": folds,
                    "split": split,
                    "participant_id": [f"sub-{i:03d}" for i in range(len(diagnoses))],
                    "session_id": "ses-M00",
                    "diagnosis": diagnoses,
                    "origin": "real",
                    "probability_CN": 1 - positive,
                    "probability_AD": positive,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def made(
    diagnoses: Sequence[str],
    probabilities: Mapping[str, Sequence[float]],
    folds: Sequence[int],
) -> Predictions:
    """Checked predictions; see `rows`."""
    return check_predictions(rows(diagnoses, probabilities, folds), "the table")


def cell(
    truth: Sequence[int],
    positive: Sequence[float],
    threshold: float = 0.5,
    fold: int = 0,
    first: int = 0,
) -> Cell:
    """One cell of two classes, participants numbered from ``first``."""
    probability = np.asarray(positive, dtype=float)
    return Cell(
        repeat=0,
        fold=fold,
        participants=np.arange(first, first + len(probability)),
        truth=np.asarray(truth, dtype=np.int64),
        probabilities=np.column_stack([1 - probability, probability]),
        threshold=Threshold(threshold, "given"),
    )


def uneven_cells(rng: np.random.Generator, classes: int = 2) -> list[Cell]:
    """Cells as studies have them: several scans of some, many ties, two repeats.

    The last fold of each repeat has a single class.
    """
    cells = []
    for repeat in range(2):
        for made in random_cells(rng, (11, 14, 9), classes):
            tied = made.probabilities.round(1) + 0.01
            cells.append(
                replace(
                    made,
                    repeat=repeat,
                    participants=made.participants * 2 // 3,
                    truth=made.truth * (made.fold < 2),
                    probabilities=tied / tied.sum(axis=1, keepdims=True),
                )
            )
    return cells


def random_cells(
    rng: np.random.Generator, sizes: Sequence[int] = (11, 14, 9), classes: int = 2
) -> list[Cell]:
    """Cells with ties, each with its own scale, every class in every fold."""
    cells, first = [], 0
    for fold, size in enumerate(sizes):
        truth = np.arange(size) % classes
        logits = rng.normal(size=(size, classes)).round(1) * (fold + 1)
        logits[np.arange(size), truth] += 0.8
        odds = np.exp(logits)
        # Few digits, as in a file: what should be a tie is one in every formula.
        probabilities = (odds / odds.sum(axis=1, keepdims=True)).round(3)
        probabilities[:, 0] = 1 - probabilities[:, 1:].sum(axis=1)
        cells.append(
            Cell(
                0,
                fold,
                np.arange(first, first + size),
                truth,
                probabilities,
                Threshold(0.4 + 0.1 * fold, "given") if classes == 2 else None,
            )
        )
        first += size
    return cells
