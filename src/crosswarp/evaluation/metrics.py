"""Metrics of one cell, as scikit-learn computes them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn import metrics

from crosswarp.evaluation.cells import Cell

NAMES = (
    "roc_auc",
    "pr_auc",
    "balanced_accuracy",
    "accuracy",
    "sensitivity",
    "specificity",
    "precision",
    "macro_f1",
    "brier",
    "log_loss",
)
"""In the order of tables. Higher is better but for the last two."""

CURVE_POINTS = 101
"""Points of the mean curve: every hundredth of the false positive rate."""


@dataclass(frozen=True)
class Curve:
    """Receiver operating characteristic of one cell: points of a polygon."""

    false_positive_rate: list[float]
    true_positive_rate: list[float]


def cell_metrics(cell: Cell) -> dict[str, float | None]:
    """Compute every metric of one cell.

    Returns:
        None where a metric is not defined: areas in a cell that lacks a class;
        sensitivity, specificity and precision with more than two classes. Areas with
        more than two classes are the mean of one class against the rest. Brier is
        the mean squared error of the positive probability for two classes, the sum
        of squared errors over classes otherwise.
    """
    return {
        name: None if value is None else float(value)
        for name, value in (
            _areas(cell) | _decisions(cell) | _probability_scores(cell)
        ).items()
    }


def cell_curve(cell: Cell) -> Curve | None:
    """Trace the ROC of a cell; None with more than two classes or only one."""
    if cell.threshold is None or not cell.has_all_classes:
        return None
    ((positive, ranks),) = cell.problems()
    false_positive, true_positive, _ = metrics.roc_curve(
        positive, ranks, drop_intermediate=True
    )
    return Curve(false_positive.tolist(), true_positive.tolist())


def mean_curve(curves: Sequence[Curve]) -> Curve:
    """Average ROC curves of networks vertically, at equal false positive rates.

    References:
        Fawcett (2006), An introduction to ROC analysis. Pattern Recognition Letters
        27, 861-874, section 8.1.
    """
    grid = np.linspace(0, 1, CURVE_POINTS)
    heights = [
        np.interp(grid, curve.false_positive_rate, curve.true_positive_rate)
        for curve in curves
    ]
    mean = np.mean(heights, axis=0)
    mean[0] = 0
    return Curve(grid.tolist(), mean.tolist())


def _areas(cell: Cell) -> dict[str, float | None]:
    if not cell.has_all_classes:
        return {"roc_auc": None, "pr_auc": None}
    problems = cell.problems()
    return {
        "roc_auc": np.mean([metrics.roc_auc_score(*pair) for pair in problems]),
        "pr_auc": np.mean(
            [metrics.average_precision_score(*pair) for pair in problems]
        ),
    }


def _decisions(cell: Cell) -> dict[str, float | None]:
    truth, decided = cell.truth, cell.decided
    # A class that this cell lacks has no recall: average over those it has.
    present = np.unique(truth)
    recall = metrics.recall_score(
        truth, decided, labels=present, average="macro", zero_division=0
    )
    labels = range(cell.probabilities.shape[1])
    return {
        "accuracy": metrics.accuracy_score(truth, decided),
        "balanced_accuracy": recall,
        "macro_f1": metrics.f1_score(
            truth, decided, labels=labels, average="macro", zero_division=0
        ),
    } | _two_class_decisions(cell)


def _two_class_decisions(cell: Cell) -> dict[str, float | None]:
    if cell.threshold is None:
        return dict.fromkeys(("sensitivity", "specificity", "precision"))
    truth, decided = cell.truth, cell.decided

    def recall(index: int) -> float | None:
        if index not in truth:
            return None
        score = metrics.recall_score(truth, decided, pos_label=index, zero_division=0)
        return float(score)

    return {
        "sensitivity": recall(1),
        "specificity": recall(0),
        "precision": metrics.precision_score(truth, decided, zero_division=0),
    }


def _probability_scores(cell: Cell) -> dict[str, float | None]:
    labels = range(cell.probabilities.shape[1])
    return {
        "brier": metrics.brier_score_loss(
            cell.truth, cell.probabilities, labels=labels, scale_by_half="auto"
        ),
        "log_loss": metrics.log_loss(cell.truth, cell.probabilities, labels=labels),
    }
