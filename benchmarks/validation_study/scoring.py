"""AUC and interval exactly as the report computes them."""

from typing import Any

import pandas as pd

from crosswarp.evaluation.cells import cells_of, people_of
from crosswarp.evaluation.predictions import check_predictions
from crosswarp.statistics.intervals import (
    RESAMPLES,
    estimate,
    participant_weights,
)
from crosswarp.statistics.weighted import pooled_metrics


def scores_of(table: pd.DataFrame, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Compute the AUC of each model of a table of predictions.

    Args:
        table: Rows of ``predictions.tsv``.
        seed: Of the draws of the interval.

    Returns:
        For each model ``auc``, ``low`` and ``high`` (95 %, participants resampled
        within fold and diagnosis).
    """
    predictions = check_predictions(table, "the study's predictions")
    people = people_of(predictions)
    weights = participant_weights(people, RESAMPLES, seed)
    found = {}
    for model in predictions.models:
        cells = cells_of(predictions, model, people)
        area = estimate(pooled_metrics(cells, weights)["roc_auc"])
        if area is not None:
            found[model] = {"auc": area.value, "low": area.low, "high": area.high}
    return found
