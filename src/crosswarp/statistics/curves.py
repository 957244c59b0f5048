"""ROC and precision-recall curves: of a cell, their mean, and a band about it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn import metrics

from crosswarp.statistics.cells import Cell
from crosswarp.statistics.intervals import LEVEL
from crosswarp.types.scores import (
    Curves,
    ParticipantWeights,
    Positives,
    ScanWeights,
    Scores,
)

POINTS = 101
"""Points of a mean curve: every hundredth of its horizontal axis."""

BAND_DRAWS = 500
"""Bootstrap draws of a band; it is drawn, not read off to the third digit."""

GRID = np.linspace(0, 1, POINTS)


@dataclass(frozen=True)
class Curve:
    """Receiver operating characteristic of one cell: points of a polygon."""

    false_positive_rate: list[float]
    true_positive_rate: list[float]


@dataclass(frozen=True)
class PrecisionRecall:
    """Precision-recall curve of one cell: steps, recall falling to 0."""

    recall: list[float]
    precision: list[float]


@dataclass(frozen=True)
class MeanRoc:
    """Vertical mean of ROC curves, with the ends of its pointwise 95 % band."""

    false_positive_rate: list[float]
    true_positive_rate: list[float]
    low: list[float] | None = None
    high: list[float] | None = None


@dataclass(frozen=True)
class MeanPrecisionRecall:
    """Mean of curves of precision over recall, with the ends of its 95 % band.

    Attributes:
        recall: Horizontal axis, 0 to 1.
        precision: Mean precision at each recall.
        low: Lower end of the band; None where participants cannot vary.
        high: Upper end of the band; None where participants cannot vary.
        prevalence: Share of the positive class, the precision of chance.
    """

    recall: list[float]
    precision: list[float]
    low: list[float] | None
    high: list[float] | None
    prevalence: float


def cell_curve(cell: Cell) -> Curve | None:
    """Trace the ROC of a cell; None with more than two classes or only one."""
    if not _has_curve(cell):
        return None
    ((positive, ranks),) = cell.problems()
    false_positive, true_positive, _ = metrics.roc_curve(
        positive, ranks, sample_weight=cell.shares, drop_intermediate=True
    )
    return Curve(false_positive.tolist(), true_positive.tolist())


def cell_precision_recall(cell: Cell) -> PrecisionRecall | None:
    """Trace precision over recall; None with more than two classes or only one."""
    if not _has_curve(cell):
        return None
    ((positive, ranks),) = cell.problems()
    precision, recall, _ = metrics.precision_recall_curve(
        positive, ranks, sample_weight=cell.shares
    )
    return PrecisionRecall(recall.tolist(), precision.tolist())


def mean_curves(
    cells: Sequence[Cell], weights: ParticipantWeights
) -> tuple[MeanRoc | None, MeanPrecisionRecall | None]:
    """Average the curves of the networks vertically, with a band over participants.

    Curves of different networks cannot be pooled, since their scores are not on one
    scale. ROC curves are polygons, averaged at equal false positive rates; precision
    is a step function of recall, averaged at equal recall.

    Args:
        cells: Cells of one model.
        weights: From `participant_weights`, the first row all ones.

    Returns:
        Mean ROC curve and mean curve of precision over recall; None where no cell has
        a curve.

    References:
        Fawcett (2006), An introduction to ROC analysis. Pattern Recognition Letters
        27, 861-874, section 8.1.
    """
    drawn = [cell for cell in cells if _has_curve(cell)]
    if not drawn:
        return None, None
    chosen = weights[: BAND_DRAWS + 1]
    both = [_heights(cell, chosen) for cell in drawn]
    roc = _banded(np.mean([heights for heights, _ in both], axis=0))
    precision = _banded(np.mean([heights for _, heights in both], axis=0))
    positives = np.concatenate([cell.truth == 1 for cell in drawn])
    shares = np.concatenate([cell.shares for cell in drawn])
    prevalence = float(np.average(positives, weights=shares))
    return (
        MeanRoc(GRID.tolist(), *roc),
        MeanPrecisionRecall(GRID.tolist(), *precision, prevalence),
    )


def _has_curve(cell: Cell) -> bool:
    return cell.threshold is not None and cell.has_all_classes


def _banded(
    heights: Curves,
) -> tuple[list[float], list[float] | None, list[float] | None]:
    """Give the mean, and the lower and upper end of its band."""
    if len(heights) == 1:
        # Participants cannot vary: a curve without a band.
        return heights[0].tolist(), None, None
    low, high = np.quantile(heights[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return heights[0].tolist(), low.tolist(), high.tolist()


def _heights(cell: Cell, weights: ParticipantWeights) -> tuple[Curves, Curves]:
    """Compute true positive rate and precision on the grid, one row a draw."""
    ((positive, ranks),) = cell.problems()
    up, down = _counts(positive, ranks, cell.weighted(weights))
    rates, precisions = np.empty((2, len(weights), POINTS))
    for draw, (found, wrong) in enumerate(zip(up, down, strict=True)):
        recall = found / max(found[-1], 1e-12)
        rates[draw] = np.interp(
            GRID, np.r_[0, wrong / max(wrong[-1], 1e-12)], np.r_[0, recall]
        )
        step = np.searchsorted(recall, GRID - 1e-12).clip(max=len(recall) - 1)
        precisions[draw] = (found / np.maximum(found + wrong, 1e-12))[step]
    rates[:, 0] = 0
    return rates, precisions


def _counts(
    positive: Positives, ranks: Scores, weights: ScanWeights
) -> tuple[Curves, Curves]:
    """Count positives and negatives from the highest score down, ties at once."""
    order = np.argsort(-ranks, kind="stable")
    last_of_tie = np.flatnonzero(np.diff(-ranks[order], append=np.inf))
    ordered, found = weights[:, order], positive[order]
    up = np.cumsum(ordered * found, axis=1)[:, last_of_tie]
    down = np.cumsum(ordered * ~found, axis=1)[:, last_of_tie]
    return up, down
