"""Metrics of one cell, as scikit-learn computes them."""

import numpy as np
from sklearn import metrics

from crosswarp.statistics.cells import Cell

NAMES = (
    "roc_auc",
    "pr_auc",
    "balanced_accuracy",
    "accuracy",
    "sensitivity",
    "specificity",
    "precision",
    "recall",
    "macro_f1",
    "brier",
    "log_loss",
)
"""In the order of tables. Higher is better but for the last two."""


def cell_metrics(cell: Cell) -> dict[str, float | None]:
    """Compute every metric of one cell.

    Every participant counts once: the scans of one share their weight.

    Returns:
        None where a metric is not defined: areas in a cell that lacks a class;
        sensitivity and specificity with more than two classes. Areas with more than
        two classes are the mean of one class against the rest, precision and recall
        the mean over classes; with two they are the positive class's. Brier is
        the mean squared error of the positive probability for two classes, the sum
        of squared errors over classes otherwise.
    """
    return {
        name: None if value is None else float(value)
        for name, value in (
            cell_areas(cell) | _decisions(cell) | _probability_scores(cell)
        ).items()
    }


def cell_auc(cell: Cell) -> float | None:
    """Compute ROC-AUC alone; None in a cell that lacks a class."""
    if not cell.has_all_classes:
        return None
    areas = [
        metrics.roc_auc_score(*pair, sample_weight=cell.shares)
        for pair in cell.problems()
    ]
    return float(np.mean(areas))


def cell_areas(cell: Cell) -> dict[str, float | None]:
    """Compute the areas under both curves; None in a cell that lacks a class."""
    if not cell.has_all_classes:
        return {"roc_auc": None, "pr_auc": None}
    problems = cell.problems()
    return {
        "roc_auc": cell_auc(cell),
        "pr_auc": float(
            np.mean(
                [
                    metrics.average_precision_score(*pair, sample_weight=cell.shares)
                    for pair in problems
                ]
            )
        ),
    }


def _decisions(cell: Cell) -> dict[str, float | None]:
    truth, decided = cell.truth, cell.decided
    # A class that this cell lacks has no recall: average over those it has.
    present = np.unique(truth)
    recall = metrics.recall_score(
        truth,
        decided,
        labels=present,
        average="macro",
        sample_weight=cell.shares,
        zero_division=0,
    )
    labels = range(cell.probabilities.shape[1])
    by_class = _two_class_decisions(cell)
    by_class["recall"] = recall if cell.threshold is None else by_class["sensitivity"]
    return {
        "accuracy": metrics.accuracy_score(truth, decided, sample_weight=cell.shares),
        "balanced_accuracy": recall,
        "macro_f1": metrics.f1_score(
            truth,
            decided,
            labels=labels,
            average="macro",
            sample_weight=cell.shares,
            zero_division=0,
        ),
    } | by_class


def _two_class_decisions(cell: Cell) -> dict[str, float | None]:
    truth, decided = cell.truth, cell.decided
    if cell.threshold is None:
        macro = metrics.precision_score(
            truth,
            decided,
            labels=range(cell.probabilities.shape[1]),
            average="macro",
            sample_weight=cell.shares,
            zero_division=0,
        )
        return {"sensitivity": None, "specificity": None, "precision": macro}

    def recall(index: int) -> float | None:
        if index not in truth:
            return None
        score = metrics.recall_score(
            truth,
            decided,
            pos_label=index,
            sample_weight=cell.shares,
            zero_division=0,
        )
        return float(score)

    return {
        "sensitivity": recall(1),
        "specificity": recall(0),
        "precision": metrics.precision_score(
            truth, decided, sample_weight=cell.shares, zero_division=0
        ),
    }


def _probability_scores(cell: Cell) -> dict[str, float | None]:
    labels = range(cell.probabilities.shape[1])
    return {
        "brier": metrics.brier_score_loss(
            cell.truth,
            cell.probabilities,
            labels=labels,
            sample_weight=cell.shares,
            scale_by_half="auto",
        ),
        "log_loss": metrics.log_loss(
            cell.truth,
            cell.probabilities,
            labels=labels,
            sample_weight=cell.shares,
        ),
    }
