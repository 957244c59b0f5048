"""Evaluate a run: from ``predictions.tsv`` to ``metrics.json`` and a comparison."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import write_table
from crosswarp.errors import InputError
from crosswarp.evaluation.cells import Cell, cells_of, people_of
from crosswarp.evaluation.comparison import PERMUTATIONS, Difference, compare, holm
from crosswarp.evaluation.flags import red_flags
from crosswarp.evaluation.intervals import (
    LEVEL,
    RESAMPLES,
    estimates,
    participant_weights,
    spread,
)
from crosswarp.evaluation.metrics import NAMES, cell_curve, cell_metrics, mean_curve
from crosswarp.evaluation.predictions import Predictions, read_predictions
from crosswarp.evaluation.weighted import pooled_metrics
from crosswarp.files import file_digest, write_json
from crosswarp.types.scores import ParticipantWeights

PREDICTIONS = "predictions.tsv"
METRICS = "metrics.json"
COMPARISONS = "comparisons.tsv"


@dataclass(frozen=True)
class Evaluation:
    """What was written.

    Attributes:
        metrics: The content of ``metrics.json``.
        comparisons: One row a model, the reference first.
    """

    metrics: dict[str, Any]
    comparisons: pd.DataFrame


def evaluate_run(
    run: Path,
    *,
    reference: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Evaluation:
    """Evaluate a run and write ``metrics.json`` and ``comparisons.tsv`` into it.

    Args:
        run: Folder with ``predictions.tsv``.
        reference: Model that the others are compared with; the first of the table
            when None.
        resamples: Bootstrap draws; at least 100.
        seed: Of draws and exchanges; the same seed gives the same files.

    Raises:
        InputError: If the table is not sound (see `read_predictions`), or has no
            model called ``reference``.
    """
    if resamples < 100:
        msg = f"an interval needs at least 100 resamples, got {resamples}"
        raise InputError(msg)
    predictions = read_predictions(run / PREDICTIONS)
    evaluation = evaluate(predictions, reference, resamples, seed)
    evaluation.metrics["predictions"] = file_digest(run / PREDICTIONS)
    write_json(run / METRICS, evaluation.metrics)
    write_table(run / COMPARISONS, evaluation.comparisons)
    return evaluation


def evaluate(
    predictions: Predictions,
    reference: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Evaluation:
    """Evaluate checked predictions; arguments as for `evaluate_run`."""
    reference = _reference(predictions, reference)
    people = people_of(predictions)
    weights = participant_weights(people, resamples, seed)
    cells = {
        model: cells_of(predictions, model, people) for model in predictions.models
    }
    design = cells[reference]
    metrics = {
        "note": VIRTUAL_NOTICE if predictions.has_virtual else None,
        "classes": list(predictions.classes),
        "positive": predictions.positive,
        "reference": reference,
        "participants": len(people.ids),
        "scans": sum(len(c.truth) for c in design if c.repeat == design[0].repeat),
        "repeats": len({cell.repeat for cell in design}),
        "folds": len({cell.fold for cell in design}),
        "settings": {
            "level": LEVEL,
            "resamples": resamples,
            "permutations": PERMUTATIONS,
            "seed": seed,
        },
        "flags": red_flags(predictions, design, people),
        "models": {name: _model_metrics(cells[name], weights) for name in cells},
    }
    differences = {
        name: compare(cells[name], design, weights, seed)
        for name in cells
        if name != reference
    }
    return Evaluation(metrics, _comparisons(metrics, differences))


def _reference(predictions: Predictions, name: str | None) -> str:
    if name is None:
        return predictions.models[0]
    if name not in predictions.models:
        msg = (
            f"no model {name!r} to compare with; the predictions have"
            f" {', '.join(predictions.models)}"
        )
        raise InputError(msg)
    return name


def _model_metrics(cells: list[Cell], weights: ParticipantWeights) -> dict[str, Any]:
    by_cell = [cell_metrics(cell) for cell in cells]
    spreads = {name: spread([cell[name] for cell in by_cell]) for name in NAMES}
    overall = estimates(pooled_metrics(cells, weights))
    curves = [cell_curve(cell) for cell in cells]
    drawn = [curve for curve in curves if curve is not None]
    return {
        "cells": [
            {
                "repeat": cell.repeat,
                "fold": cell.fold,
                "scans": len(cell.truth),
                "threshold": None if cell.threshold is None else asdict(cell.threshold),
                "metrics": metrics,
                "roc": None if curve is None else asdict(curve),
            }
            for cell, metrics, curve in zip(cells, by_cell, curves, strict=True)
        ],
        "mean": {name: mean for name, (mean, _) in spreads.items()},
        "sd": {name: deviation for name, (_, deviation) in spreads.items()},
        "overall": {
            name: None if value is None else asdict(value)
            for name, value in overall.items()
        },
        "mean_roc": asdict(mean_curve(drawn)) if drawn else None,
    }


def _comparisons(
    metrics: dict[str, Any], differences: dict[str, Difference | None]
) -> pd.DataFrame:
    reference = metrics["reference"]
    found = {name: value for name, value in differences.items() if value is not None}
    adjusted = dict(zip(found, holm([d.p for d in found.values()]), strict=True))
    rows = []
    for model in [reference, *differences]:
        of_model = metrics["models"][model]
        auc = of_model["overall"]["roc_auc"] or {}
        difference = found.get(model)
        rows.append(
            {
                "model": model,
                "reference": reference,
                "auc_mean": of_model["mean"]["roc_auc"],
                "auc_sd": of_model["sd"]["roc_auc"],
                "auc": auc.get("value"),
                "auc_low": auc.get("low"),
                "auc_high": auc.get("high"),
                "difference": difference.auc.value if difference else None,
                "difference_low": difference.auc.low if difference else None,
                "difference_high": difference.auc.high if difference else None,
                "p": difference.p if difference else None,
                "p_holm": adjusted.get(model),
                "participants": metrics["participants"],
                "note": metrics["note"],
            }
        )
    return pd.DataFrame(rows)
