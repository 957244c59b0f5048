"""`crosswarp power`: from a run to ``power.json`` and ``power.tsv``."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import write_table
from crosswarp.errors import InputError
from crosswarp.evaluation.cells import Cell, cells_of, people_of
from crosswarp.evaluation.evaluate import PREDICTIONS, reference_of
from crosswarp.evaluation.power import LIMIT, Answer, Question, needed
from crosswarp.evaluation.predictions import read_predictions
from crosswarp.evaluation.studies import Seen
from crosswarp.evaluation.weighted import within_fold_auc
from crosswarp.files import file_digest, write_json

POWER = "power.json"
CURVE = "power.tsv"

COLUMNS = ("model", "reference", "participants", "power", "power_se", "note")


def power_run(
    run: Path,
    question: Question,
    *,
    reference: str | None = None,
    model: str | None = None,
) -> dict[str, Any]:
    """Compute how many participants a difference needs, for models of a run.

    Writes ``power.json`` and, with the simulated curves, ``power.tsv``.

    Args:
        run: Folder with ``predictions.tsv``.
        question: What is asked.
        reference: Model that the others are compared with; the first when None.
        model: The one compared; all others when None.

    Raises:
        InputError: If the table is not sound, has no such model or only one, has
            more than two classes or too few participants, or if the reference leaves
            no room for the difference.
    """
    predictions = read_predictions(run / PREDICTIONS)
    reference = reference_of(predictions, reference)
    models = [name for name in predictions.models if name != reference]
    if model is not None:
        models = [reference_of(predictions, model)]
    if not models or models == [reference]:
        msg = (
            "power compares two models, the predictions have"
            f" {', '.join(predictions.models)}; name a --model other than {reference}"
        )
        raise InputError(msg)
    people = people_of(predictions)
    cells = {name: cells_of(predictions, name, people) for name in [reference, *models]}
    note = VIRTUAL_NOTICE if predictions.has_virtual else None
    pairs: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for name in models:
        seen = Seen.of(cells[name], cells[reference])
        answer = needed(seen, question)
        named: dict[str, Any] = {"model": name, "reference": reference}
        observed = [_auc(cells[one], len(people.ids)) for one in (name, reference)]
        pairs.append(named | _described(answer, seen, observed))
        rows += [
            named
            | {
                "participants": point.participants,
                "power": point.power,
                "power_se": point.error,
                "note": note,
            }
            for point in answer.curve
        ]
    found = asdict(question) | {
        "predictions": file_digest(run / PREDICTIONS),
        "note": note,
        "limit": LIMIT,
        "pairs": pairs,
    }
    write_json(run / POWER, found)
    write_table(run / CURVE, pd.DataFrame(rows, columns=list(COLUMNS)))
    return found


def folds_of_run(run: Path) -> int:
    """Count the folds of a run's repeats, for a question about one like it."""
    return int(read_predictions(run / PREDICTIONS).table["fold"].nunique())


def _auc(cells: list[Cell], people: int) -> float:
    return float(within_fold_auc(cells, np.ones((1, people)))[0])


def _described(answer: Answer, seen: Seen, observed: list[float]) -> dict[str, Any]:
    monte_carlo = answer.monte_carlo or (None, None)
    run = answer.run or (None, None)
    return {
        "auc_model_observed": observed[0],
        "auc_reference": observed[1],
        "correlation": seen.correlation,
        "participants": answer.participants,
        "monte_carlo_low": monte_carlo[0],
        "monte_carlo_high": monte_carlo[1],
        "run_low": run[0],
        "run_high": run[1],
        "participants_of_run": seen.population().size,
        "power_of_run": answer.power_of_run,
        "detectable_difference": answer.detectable,
    }
