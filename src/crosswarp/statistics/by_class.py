"""With more than two classes: each class against the rest, by itself."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from crosswarp.statistics.cells import Cell
from crosswarp.statistics.curves import (
    cell_curve,
    cell_precision_recall,
    mean_curves,
)
from crosswarp.statistics.intervals import estimates, spread
from crosswarp.statistics.metrics import cell_areas
from crosswarp.statistics.thresholds import Threshold
from crosswarp.statistics.trials import trials_of
from crosswarp.statistics.weighted import pooled_areas
from crosswarp.types.scores import ParticipantWeights

AREAS = ("roc_auc", "pr_auc")

_UNUSED = Threshold(0.5, "areas need none")
"""Marks a cell as one of two classes; nothing is decided by it."""


def one_against_rest(cell: Cell, index: int) -> Cell:
    """Ask a cell of several classes about one of them.

    Args:
        cell: With a probability of each class.
        index: Of the class asked about.

    Returns:
        A cell of two classes, the second of them the one asked about.
    """
    asked = cell.probabilities[:, index]
    # Not 1 - asked, which is 0 where the network is nearly sure.
    rest = np.delete(cell.probabilities, index, axis=1).sum(axis=1)
    return replace(
        cell,
        truth=(cell.truth == index).astype(np.int64),
        probabilities=np.column_stack([rest, asked]),
        threshold=_UNUSED,
    )


def by_class(
    cells: Sequence[Cell], classes: Sequence[str], weights: ParticipantWeights
) -> list[dict[str, Any]]:
    """Describe areas and curves of each class against the rest.

    Returns:
        An entry of ``metrics.json`` a class, with ``cells``, ``mean``, ``sd``,
        ``overall``, ``mean_roc`` and ``mean_pr`` as a model of two classes has them;
        none for two classes, whose model has them itself.
    """
    if len(classes) == 2:
        return []
    return [
        {"class": name}
        | _described([one_against_rest(cell, index) for cell in cells], weights)
        for index, name in enumerate(classes)
    ]


def _described(cells: Sequence[Cell], weights: ParticipantWeights) -> dict[str, Any]:
    areas = [cell_areas(cell) for cell in cells]
    spreads = {name: spread([found[name] for found in areas]) for name in AREAS}
    areas_overall = estimates(pooled_areas(cells, weights), trials_of(cells))
    mean_roc, mean_pr = mean_curves(cells, weights)
    return {
        "cells": [_cell(cell, found) for cell, found in zip(cells, areas, strict=True)],
        "mean": {name: mean for name, (mean, _) in spreads.items()},
        "sd": {name: deviation for name, (_, deviation) in spreads.items()},
        "overall": {
            name: None if value is None else asdict(value)
            for name, value in areas_overall.items()
        },
        "mean_roc": mean_roc,
        "mean_pr": mean_pr,
    }


def _cell(cell: Cell, areas: dict[str, float | None]) -> dict[str, Any]:
    roc, precision_recall = cell_curve(cell), cell_precision_recall(cell)
    return {
        "repeat": cell.repeat,
        "fold": cell.fold,
        "metrics": areas,
        "roc": None if roc is None else asdict(roc),
        "pr": None if precision_recall is None else asdict(precision_recall),
    }
