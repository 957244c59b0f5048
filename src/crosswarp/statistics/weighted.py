"""Metrics over all folds for many weightings of the participants at once.

Each row of ``weights`` says how often every participant counts: all ones give the
estimate itself, draws with replacement its bootstrap distribution. The scans of a
participant share that weight evenly (`Cell.shares`), so that someone with three scans
counts no more than someone with one. A test holds these against scikit-learn.
"""

from collections.abc import Callable, Sequence

import numpy as np

from crosswarp.statistics.cells import Cell
from crosswarp.types.scores import (
    Confusion,
    Draws,
    NegativeScores,
    ParticipantWeights,
    Positives,
    PositiveScores,
    ScanWeights,
    Scores,
    Wins,
)

_SMALLEST = float(np.finfo(np.float64).eps)
"""Probabilities are kept this far from 0 and 1 in log loss, as in scikit-learn."""


def wins(positive_scores: PositiveScores, negative_scores: NegativeScores) -> Wins:
    """Compare each positive with each negative scan; a tie is half a win."""
    difference = positive_scores[:, None] - negative_scores[None, :]
    won: Wins = (np.sign(difference) + 1) / 2
    return won


def pooled_metrics(
    cells: Sequence[Cell], weights: ParticipantWeights
) -> dict[str, Draws]:
    """Compute each metric over all folds, for each row of weights.

    Scores of different folds come from different networks and are not on one scale.
    So ``roc_auc`` counts only pairs of scans of one fold, and ``pr_auc`` is the mean
    over folds. The others rest on decisions and probabilities and pool all scans of
    a repeat. Repeats are averaged within a draw.

    Returns:
        For each metric one value a row of weights; metrics that are not defined for
        this number of classes are left out.
    """
    metrics: dict[str, list[Draws]] = {}
    for repeat in sorted({cell.repeat for cell in cells}):
        members = [cell for cell in cells if cell.repeat == repeat]
        values = {
            "roc_auc": _roc_auc(members, weights),
            "pr_auc": _pr_auc(members, weights),
        }
        values |= _decision_metrics(members, weights)
        values |= probability_metrics(members, weights)
        for name, draws in values.items():
            metrics.setdefault(name, []).append(draws)
    return {name: _mean(draws) for name, draws in metrics.items()}


def pooled_areas(
    cells: Sequence[Cell], weights: ParticipantWeights
) -> dict[str, Draws]:
    """Compute both areas alone; see `pooled_metrics`."""
    repeats = sorted({cell.repeat for cell in cells})
    by_repeat = [[cell for cell in cells if cell.repeat == r] for r in repeats]
    return {
        "roc_auc": within_fold_auc(cells, weights),
        "pr_auc": _mean([_pr_auc(members, weights) for members in by_repeat]),
    }


def within_fold_auc(cells: Sequence[Cell], weights: ParticipantWeights) -> Draws:
    """Compute the share of within-fold pairs ranked rightly, averaged over repeats."""
    repeats = sorted({cell.repeat for cell in cells})
    return _mean(
        [_roc_auc([c for c in cells if c.repeat == r], weights) for r in repeats]
    )


def _roc_auc(cells: Sequence[Cell], weights: ParticipantWeights) -> Draws:
    questions = zip(*(cell.problems() for cell in cells), strict=True)
    areas = []
    for asked in questions:
        won = np.zeros(len(weights))
        pairs = np.zeros(len(weights))
        for cell, (positive, score) in zip(cells, asked, strict=True):
            scans = cell.weighted(weights)
            up, down = scans[:, positive], scans[:, ~positive]
            won += ((up @ wins(score[positive], score[~positive])) * down).sum(axis=1)
            pairs += up.sum(axis=1) * down.sum(axis=1)
        areas.append(_ratio(won, pairs))
    return _mean(areas)


def _pr_auc(cells: Sequence[Cell], weights: ParticipantWeights) -> Draws:
    areas = [
        _average_precision(positive, score, cell.weighted(weights))
        for cell in cells
        if cell.has_all_classes
        for positive, score in cell.problems()
    ]
    return _mean(areas or [np.full(len(weights), np.nan)])


def _average_precision(
    positive: Positives, score: Scores, weights: ScanWeights
) -> Draws:
    order = np.argsort(-score, kind="stable")
    last_of_tie = np.flatnonzero(np.diff(-score[order], append=np.inf))
    seen = np.cumsum(weights[:, order], axis=1)[:, last_of_tie]
    found = np.cumsum((weights * positive)[:, order], axis=1)[:, last_of_tie]
    precision = _ratio(found, seen, empty=0.0)
    gained = np.diff(found, axis=1, prepend=0.0)
    return _ratio((gained * precision).sum(axis=1), found[:, -1])


def _decision_metrics(
    cells: Sequence[Cell], weights: ParticipantWeights
) -> dict[str, Draws]:
    count = cells[0].probabilities.shape[1]
    table: Confusion = np.zeros((len(weights), count, count))
    for cell in cells:
        scans = cell.weighted(weights)
        for true in range(count):
            for decided in range(count):
                chosen = (cell.truth == true) & (cell.decided == decided)
                table[:, true, decided] += scans[:, chosen].sum(axis=1)
    right = np.diagonal(table, axis1=1, axis2=2)
    recall = _ratio(right, table.sum(axis=2))
    f1 = _ratio(2 * right, table.sum(axis=2) + table.sum(axis=1), empty=0.0)
    metrics = {
        "accuracy": _ratio(right.sum(axis=1), table.sum(axis=(1, 2))),
        "balanced_accuracy": _mean(list(recall.T)),
        "macro_f1": f1.mean(axis=1),
    }
    precision = _ratio(right, table.sum(axis=1), empty=0.0)
    if count > 2:
        macro = {"precision": precision.mean(axis=1)}
        return metrics | macro | {"recall": metrics["balanced_accuracy"]}
    return metrics | {
        "sensitivity": recall[:, 1],
        "specificity": recall[:, 0],
        "precision": precision[:, 1],
        "recall": recall[:, 1],
    }


def probability_metrics(
    cells: Sequence[Cell], weights: ParticipantWeights
) -> dict[str, Draws]:
    """Compute Brier score and log loss over all scans, for each row of weights."""

    def weighted_mean(loss: Callable[[Cell], Scores]) -> Draws:
        losses = np.concatenate([loss(cell) for cell in cells])
        scans = np.concatenate([cell.weighted(weights) for cell in cells], axis=1)
        return _ratio(scans @ losses, scans.sum(axis=1))

    return {"brier": weighted_mean(_brier), "log_loss": weighted_mean(_log_loss)}


def _brier(cell: Cell) -> Scores:
    truth = np.eye(cell.probabilities.shape[1])[cell.truth]
    squared = ((cell.probabilities - truth) ** 2).sum(axis=1)
    # With two classes both errors are the same: count it once, as is usual.
    brier: Scores = squared / 2 if cell.threshold is not None else squared
    return brier


def _log_loss(cell: Cell) -> Scores:
    given = cell.probabilities[np.arange(len(cell.truth)), cell.truth]
    loss: Scores = -np.log(given.clip(_SMALLEST, 1 - _SMALLEST))
    return loss


def _ratio(above: np.ndarray, below: np.ndarray, empty: float = np.nan) -> np.ndarray:
    filled = np.full(np.broadcast(above, below).shape, empty)
    ratio: np.ndarray = np.divide(above, below, out=filled, where=below > 0)
    return ratio


def _mean(values: Sequence[Draws]) -> Draws:
    """Average, leaving out what is not defined in a draw."""
    stacked = np.stack(values)
    known = ~np.isnan(stacked)
    return _ratio(np.where(known, stacked, 0.0).sum(axis=0), known.sum(axis=0))
