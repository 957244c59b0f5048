"""Metrics over all folds for many weightings of the participants at once.

Each row of ``weights`` says how often every participant counts: all ones give the
estimate itself, draws with replacement its bootstrap distribution. The scans of a
participant share that weight evenly (`Cell.shares`), so that someone with three scans
counts no more than someone with one. A test holds these against scikit-learn.

All take the time of a sort: pairs are counted by their ranks, a few draws at a time.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from crosswarp.statistics.cells import Cell
from crosswarp.statistics.draws import blocks_of, weighted_sums
from crosswarp.types.scores import (
    Confusion,
    Draws,
    OtherScores,
    ParticipantIndex,
    ParticipantWeights,
    Positives,
    ScanWeights,
    Scores,
)

_SMALLEST = float(np.finfo(np.float64).eps)
"""Probabilities are kept this far from 0 and 1 in log loss, as in scikit-learn."""


def beaten(scores: Scores, others: OtherScores, shares: OtherScores) -> Scores:
    """Compute the share of the other scans that each scan beats; a tie is half a win.

    Args:
        scores: Score of each scan.
        others: Scores of the scans of the other class, at least one.
        shares: Weights of those other scans.

    Example:
        >>> beaten(np.array([3.0, 1.0]), np.array([1.0, 2.0]), np.ones(2))
        array([1.  , 0.25])
    """
    order = np.argsort(others, kind="stable")
    ordered = others[order]
    total = np.append(0.0, np.cumsum(shares[order]))
    below = total[np.searchsorted(ordered, scores, side="left")]
    up_to = total[np.searchsorted(ordered, scores, side="right")]
    share: Scores = (below + up_to) / 2 / total[-1]
    return share


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
            _add_wins(cell, positive, score, weights, (won, pairs))
        areas.append(_ratio(won, pairs))
    return _mean(areas)


def _add_wins(
    cell: Cell,
    positive: Positives,
    score: Scores,
    weights: ParticipantWeights,
    counted: tuple[Draws, Draws],
) -> None:
    """Add the pairs that a cell ranks rightly, and all its pairs, of each draw."""
    up, down = np.flatnonzero(positive), np.flatnonzero(~positive)
    down = down[np.argsort(score[down], kind="stable")]
    below, up_to = (
        np.searchsorted(score[down], score[up], side=side) for side in ("left", "right")
    )
    has_ties = not np.array_equal(below, up_to)
    won, pairs = counted
    for block, ups, downs in _sorted_weights(cell, up, down, weights):
        lost = _running(downs)
        wins = lost[:, below]
        if has_ties:
            wins = (wins + lost[:, up_to]) / 2
        won[block] += (ups * wins).sum(axis=1)
        pairs[block] += ups.sum(axis=1) * lost[:, -1]


def _pr_auc(cells: Sequence[Cell], weights: ParticipantWeights) -> Draws:
    areas = [
        _average_precision(cell, positive, score, weights)
        for cell in cells
        if cell.has_all_classes
        for positive, score in cell.problems()
    ]
    return _mean(areas or [np.full(len(weights), np.nan)])


def _average_precision(
    cell: Cell, positive: Positives, score: Scores, weights: ParticipantWeights
) -> Draws:
    """Average the precision at each positive scan, those of equal scores seen too."""
    up, down = np.flatnonzero(positive), np.flatnonzero(~positive)
    up, down = (side[np.argsort(-score[side], kind="stable")] for side in (up, down))
    right, wrong = (
        np.searchsorted(-score[side], -score[up], side="right") for side in (up, down)
    )
    area = np.empty(len(weights))
    for block, ups, downs in _sorted_weights(cell, up, down, weights):
        found = _running(ups)
        precision = found[:, right]
        seen = precision + _running(downs)[:, wrong]
        # Where nobody is seen nobody is found: 0.
        precision /= np.maximum(seen, np.finfo(float).tiny)
        area[block] = _ratio((ups * precision).sum(axis=1), found[:, -1])
    return area


def _sorted_weights(
    cell: Cell, up: np.ndarray, down: np.ndarray, weights: ParticipantWeights
) -> Iterator[tuple[slice, ScanWeights, ScanWeights]]:
    """Yield blocks of draws with the weights of positive and negative scans."""
    shares = cell.shares
    for block in blocks_of(len(weights), len(shares)):
        drawn = weights[block]
        ups, downs = (
            drawn[:, cell.participants[side]] * shares[side] for side in (up, down)
        )
        yield block, ups, downs


def _running(weights: ScanWeights) -> np.ndarray:
    """Add weights up from left to right, beginning with nothing."""
    total = np.zeros((len(weights), weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=total[:, 1:])
    return total


def _decision_metrics(
    cells: Sequence[Cell], weights: ParticipantWeights
) -> dict[str, Draws]:
    count = cells[0].probabilities.shape[1]
    kinds = np.concatenate([cell.truth * count + cell.decided for cell in cells])
    values = np.eye(count**2)[kinds] * _shares(cells)[:, None]
    table: Confusion = weighted_sums(_participants(cells), values, weights).reshape(
        len(weights), count, count
    )
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
    losses = [
        np.concatenate([loss(cell) for cell in cells]) for loss in (_brier, _log_loss)
    ]
    values = np.stack([*losses, np.ones_like(losses[0])], axis=1)
    values *= _shares(cells)[:, None]
    brier, log_loss, scans = weighted_sums(_participants(cells), values, weights).T
    return {"brier": _ratio(brier, scans), "log_loss": _ratio(log_loss, scans)}


def _participants(cells: Sequence[Cell]) -> ParticipantIndex:
    return np.concatenate([cell.participants for cell in cells])


def _shares(cells: Sequence[Cell]) -> Scores:
    return np.concatenate([cell.shares for cell in cells])


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
