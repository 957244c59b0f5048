"""Evaluate a run: from ``predictions.tsv`` to metrics, comparisons and tables."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import write_table
from crosswarp.errors import InputError
from crosswarp.evaluation.cells import Cell, cells_of, people_of
from crosswarp.evaluation.comparison import PERMUTATIONS
from crosswarp.evaluation.context import Context, read_context
from crosswarp.evaluation.covariates import Baseline, with_baseline
from crosswarp.evaluation.differences import (
    PERMUTATION,
    TESTS,
    comparison_rows,
    differences_of,
    fold_rows,
)
from crosswarp.evaluation.flags import fold_flags, red_flags, result_flags, site_flags
from crosswarp.evaluation.intervals import (
    LEVEL,
    RESAMPLES,
    estimate,
    participant_weights,
)
from crosswarp.evaluation.model import Described, Design, describe
from crosswarp.evaluation.predictions import Predictions, read_predictions
from crosswarp.evaluation.pretraining import (
    pretraining_flags,
    pretraining_metrics,
    pretraining_of,
)
from crosswarp.evaluation.tables import COLUMNS, framed
from crosswarp.evaluation.tables import COMPARISONS as COMPARISONS
from crosswarp.evaluation.weighted import within_fold_auc
from crosswarp.files import file_digest, write_json

PREDICTIONS = "predictions.tsv"
METRICS = "metrics.json"


@dataclass(frozen=True)
class Evaluation:
    """What was computed.

    Attributes:
        metrics: The content of ``metrics.json``.
        comparisons: One row a model, the reference first.
        tables: All tables by file name, ``comparisons.tsv`` among them; their columns
            are in `tables.COLUMNS`.
    """

    metrics: dict[str, Any]
    comparisons: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def evaluate_run(
    run: Path,
    *,
    reference: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Evaluation:
    """Evaluate a run and write ``metrics.json`` and its tables into it.

    The cohort, the ledger of the derivatives and the folds are read where the run's
    experiment file names them. Without them there are no subgroups, no sites and no
    model of age, sex and head size, and ``metrics.json`` says why.

    Args:
        run: Folder with ``predictions.tsv``.
        reference: Model that the others are compared with; the first of the table
            when None.
        resamples: Bootstrap draws; at least 100.
        seed: Of draws and exchanges; the same seed gives the same files.

    Raises:
        InputError: If a table is not sound (see `read_predictions`), or has no
            model called ``reference``.
        LeakageError: If a network is tested on participants of its pretraining, and
            the experiment did not say that this is wanted.
    """
    if resamples < 100:
        msg = f"an interval needs at least 100 resamples, got {resamples}"
        raise InputError(msg)
    predictions = read_predictions(run / PREDICTIONS)
    context = read_context(run)
    seen = pretraining_of(run, predictions)
    evaluation = evaluate(predictions, reference, resamples, seed, context)
    evaluation.metrics["pretraining"] = pretraining_metrics(seen)
    evaluation.metrics["flags"] += pretraining_flags(seen)
    evaluation.metrics["predictions"] = file_digest(run / PREDICTIONS)
    write_json(run / METRICS, evaluation.metrics)
    for name, table in evaluation.tables.items():
        write_table(run / name, table)
    return evaluation


def evaluate(
    predictions: Predictions,
    reference: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    context: Context | None = None,
) -> Evaluation:
    """Evaluate checked predictions; arguments as for `evaluate_run`."""
    context = context or Context()
    reference = reference_of(predictions, reference)
    baseline = with_baseline(predictions, context)
    predictions = baseline.predictions
    people = people_of(predictions)
    weights = participant_weights(people, resamples, seed)
    design = Design(predictions.classes, people, weights, context.scans, seed)
    cells = {
        model: cells_of(predictions, model, people) for model in predictions.models
    }
    described = {model: describe(cells[model], design) for model in cells}
    compared = [name for name in cells if name != reference]
    differences = {
        name: differences_of(cells[name], cells[reference], weights, seed)
        for name in compared
    }
    rows = _rows(described)
    rows["fold_differences.tsv"] = [
        {"model": name, "reference": reference} | row
        for name in compared
        for row in fold_rows(cells[name], cells[reference], len(people.ids))
    ]
    metrics = _described(predictions, cells[reference], resamples, seed) | {
        "reference": reference,
        "participants": len(people.ids),
        "cohort": {"found": context.scans is not None, "reason": context.reason},
        "covariates": _covariates(baseline, cells, design),
        "models": {
            name: described[name].metrics | {"kind": _kind(name, baseline)}
            for name in described
        },
    }
    metrics["flags"] = [
        *fold_flags(predictions, context.folds),
        *result_flags(metrics, predictions.has_real),
        *site_flags(rows["sites.tsv"]),
        *red_flags(predictions, cells[reference], people),
    ]
    rows[COMPARISONS] = comparison_rows(metrics, differences)
    tables = {name: framed(name, rows[name], metrics["note"]) for name in COLUMNS}
    return Evaluation(metrics, tables[COMPARISONS], tables)


def reference_of(predictions: Predictions, name: str | None) -> str:
    """Find the reference; the first model when none is named."""
    if name is None:
        return predictions.models[0]
    if name not in predictions.models:
        msg = (
            f"no model {name!r} to compare with; the predictions have"
            f" {', '.join(predictions.models)}"
        )
        raise InputError(msg)
    return name


def _described(
    predictions: Predictions, cells: list[Cell], resamples: int, seed: int
) -> dict[str, Any]:
    """Say what was evaluated, and how."""
    return {
        "note": VIRTUAL_NOTICE if predictions.has_virtual else None,
        "classes": list(predictions.classes),
        "positive": predictions.positive,
        "scans": sum(len(c.truth) for c in cells if c.repeat == cells[0].repeat),
        "repeats": len({cell.repeat for cell in cells}),
        "folds": len({cell.fold for cell in cells}),
        "settings": {
            "level": LEVEL,
            "resamples": resamples,
            "permutations": PERMUTATIONS,
            "seed": seed,
        },
        "tests": {
            "primary": PERMUTATION,
            "interval": "paired bootstrap",
            "columns": dict(TESTS),
        },
    }


def _kind(model: str, baseline: Baseline) -> str:
    return "covariates" if model == baseline.name else "trained"


def _rows(described: Mapping[str, Described]) -> dict[str, list[dict[str, Any]]]:
    """Put the models' rows of each table together."""
    return {
        name: [
            {"model": model} | row
            for model, found in described.items()
            for row in found.rows.get(name, [])
        ]
        for name in COLUMNS
    }


def _covariates(
    baseline: Baseline, cells: Mapping[str, list[Cell]], design: Design
) -> dict[str, Any]:
    """Describe the model of age, sex and head size, and each other one beside it."""
    found: dict[str, Any] = {
        "model": baseline.name,
        "features": list(baseline.features),
        "reason": baseline.reason,
        "imputed": baseline.imputed,
        "differences": {},
    }
    if baseline.name is None:
        return found
    alone = within_fold_auc(cells[baseline.name], design.weights)
    differences = {
        name: estimate(within_fold_auc(members, design.weights) - alone)
        for name, members in cells.items()
        if name != baseline.name
    }
    known = {name: asdict(value) for name, value in differences.items() if value}
    return found | {"differences": known}
