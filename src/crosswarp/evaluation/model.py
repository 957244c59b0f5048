"""All that is computed of one model."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from crosswarp.evaluation.subgroups import subgroup_rows
from crosswarp.statistics.by_class import by_class
from crosswarp.statistics.calibration import calibration_of
from crosswarp.statistics.cells import Cell, People
from crosswarp.statistics.curves import cell_curve, cell_precision_recall, mean_curves
from crosswarp.statistics.decision_curve import decision_rows
from crosswarp.statistics.intervals import estimates, spread
from crosswarp.statistics.metrics import NAMES, cell_metrics
from crosswarp.statistics.pooled import pool
from crosswarp.statistics.sites import site_rows
from crosswarp.statistics.trials import trials_of
from crosswarp.statistics.weighted import pooled_metrics
from crosswarp.study.model_metrics import ModelMetrics
from crosswarp.study.names import CALIBRATION, DECISION_CURVE, SITES, SUBGROUPS
from crosswarp.types.scores import Draws, ParticipantWeights


@dataclass(frozen=True)
class Design:
    """What all models of a run share.

    Attributes:
        classes: In the order of the columns.
        people: Who was tested.
        weights: Bootstrap draws of them.
        scans: Of the cohort, as in `context.Context`; None without one.
        seed: Of every simulation.
    """

    classes: tuple[str, ...]
    people: People
    weights: ParticipantWeights
    scans: pd.DataFrame | None
    seed: int


@dataclass(frozen=True)
class Described:
    """One model.

    Attributes:
        metrics: Its entry in ``metrics.json``.
        rows: Its rows of the tables, by file name, without its name.
        auc: Its area within folds of each draw, which comparisons need again.
    """

    metrics: ModelMetrics
    rows: dict[str, list[dict[str, Any]]]
    auc: Draws


def describe(cells: Sequence[Cell], design: Design) -> Described:
    """Compute metrics, curves, calibration, decision curve, subgroups and sites."""
    weights = design.weights
    calibration, reliability = calibration_of(
        cells, design.classes, weights, design.seed
    )
    drawn = pooled_metrics(cells, weights)
    metrics = ModelMetrics.model_validate(
        _metrics(cells, weights, drawn)
        | {
            "calibration": calibration,
            "by_class": by_class(cells, design.classes, weights),
        }
    )
    rows: dict[str, list[dict[str, Any]]] = {
        CALIBRATION: reliability,
        DECISION_CURVE: _decisions(cells, design),
    }
    if design.scans is not None:
        people, scans = design.people, design.scans
        rows[SUBGROUPS] = list(subgroup_rows(cells, people, scans, weights))
        sites = scans["site"].groupby(level="participant_id").first()
        known = sites.reindex(list(people.ids))
        named = [None if pd.isna(site) else str(site) for site in known]
        rows[SITES] = site_rows(cells, people, named, design.seed)
    return Described(metrics, rows, drawn["roc_auc"])


def _metrics(
    cells: Sequence[Cell], weights: ParticipantWeights, drawn: dict[str, Draws]
) -> dict[str, Any]:
    by_cell = [cell_metrics(cell) for cell in cells]
    spreads = {name: spread([cell[name] for cell in by_cell]) for name in NAMES}
    overall = estimates(drawn, trials_of(cells))
    mean_roc, mean_pr = mean_curves(cells, weights)
    return {
        "cells": [
            _cell(cell, metrics) for cell, metrics in zip(cells, by_cell, strict=True)
        ],
        "mean": {name: mean for name, (mean, _) in spreads.items()},
        "sd": {name: deviation for name, (_, deviation) in spreads.items()},
        "overall": {
            name: None if value is None else asdict(value)
            for name, value in overall.items()
        },
        "mean_roc": mean_roc,
        "mean_pr": mean_pr,
    }


def _cell(cell: Cell, metrics: dict[str, float | None]) -> dict[str, Any]:
    roc, precision_recall = cell_curve(cell), cell_precision_recall(cell)
    return {
        "repeat": cell.repeat,
        "fold": cell.fold,
        "scans": len(cell.truth),
        "threshold": None if cell.threshold is None else asdict(cell.threshold),
        "temperature": asdict(cell.temperature),
        "metrics": metrics,
        "roc": None if roc is None else asdict(roc),
        "pr": None if precision_recall is None else asdict(precision_recall),
    }


def _decisions(cells: Sequence[Cell], design: Design) -> list[dict[str, Any]]:
    stages = {"before": list(cells)}
    if any(cell.temperature.is_fitted for cell in cells):
        stages["after"] = [cell.calibrated() for cell in cells]
    return [
        {"class": question.name, "stage": stage} | row
        for stage, members in stages.items()
        for question in pool(members, design.classes)
        for row in decision_rows(question, design.weights)
    ]
