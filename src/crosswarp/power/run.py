"""`crosswarp power`: from a run to ``power.json`` and ``power.tsv``."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import write_table
from crosswarp.documents import read_object
from crosswarp.errors import InputError
from crosswarp.evaluation.cells import cells_of, people_of
from crosswarp.evaluation.differences import PRIMARY
from crosswarp.evaluation.evaluate import reference_of
from crosswarp.evaluation.written import predictions_of
from crosswarp.files import file_digest
from crosswarp.outputs import RUN, claim_names
from crosswarp.power.sample_size import (
    LIMIT,
    Answer,
    Question,
    needed,
)
from crosswarp.power.studies import Seen
from crosswarp.provenance import begin_record, is_begun
from crosswarp.statistics.cells import Cell
from crosswarp.statistics.weighted import within_fold_auc
from crosswarp.study.experiment import VOLUME_BASELINES, find_run_experiment
from crosswarp.study.names import EXPERIMENT, POWER, POWER_CURVE, PREDICTIONS
from crosswarp.study.power_analysis import ComparedPair, PowerAnalysis, write_power
from crosswarp.study.run import require_run, sources_now, working_on

COLUMNS = ("model", "reference", "participants", "power", "power_se", "note")


def power_run(
    run: Path,
    question: Question,
    *,
    reference: str | None = None,
    model: str | None = None,
) -> PowerAnalysis:
    """Compute how many participants a difference needs, for models of a run.

    Writes ``power.json`` and, with the simulated curves, ``power.tsv``.

    Args:
        run: Folder with ``predictions.tsv``.
        question: What is asked.
        reference: Model that the others are compared with; when None, the one that the
            experiment declares, or else the first.
        model: The one compared; all others when None, but the models of regional
            volumes that stand in every table.

    Raises:
        InputError: If the table is not sound, has no such model or only one, has
            more than two classes or too few participants, or if the reference leaves
            no room for the difference.
        OccupiedError: If the folder has files of these names that are not ours.
        MixedError: If the files of the run do not belong together.
        LockedError: If another process works on the run.
    """
    if not (run / PREDICTIONS).is_file():
        predictions_of(run)  # says so; the folder may be no run
    with working_on(run):
        return _computed(run, question, reference, model)


def _computed(
    run: Path, question: Question, reference: str | None, model: str | None
) -> PowerAnalysis:
    predictions = predictions_of(run)
    require_run(run)
    known = read_object(run / POWER)
    ours = RUN.is_here(run) or "pairs" in known or is_begun(known)
    claim_names(run, [POWER, POWER_CURVE], ours, "crosswarp power", POWER)
    sources = sources_now(run, [PREDICTIONS, EXPERIMENT])
    primary = find_run_experiment(run).primary
    declared = None if primary is None else primary.reference
    reference = reference_of(predictions, reference or declared)
    models = [
        name
        for name in predictions.models
        if name != reference and name not in VOLUME_BASELINES
    ]
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
    pairs: list[ComparedPair] = []
    rows: list[dict[str, Any]] = []
    for name in models:
        seen = Seen.of(cells[name], cells[reference])
        answer = needed(seen, question)
        named = {"model": name, "reference": reference}
        observed = [_auc(cells[one], len(people.ids)) for one in (name, reference)]
        pairs.append(_described(named, answer, seen, observed))
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
    found = PowerAnalysis(
        **asdict(question),
        predictions=file_digest(run / PREDICTIONS),
        test=PRIMARY,
        note=note,
        limit=LIMIT,
        pairs=tuple(pairs),
    )
    begin_record(run / POWER)
    write_table(run / POWER_CURVE, pd.DataFrame(rows, columns=list(COLUMNS)))
    write_power(run, found, sources)
    return found


def folds_of_run(run: Path) -> int:
    """Count the folds of a run's repeats, for a question about one like it."""
    return int(predictions_of(run).table["fold"].nunique())


def _auc(cells: list[Cell], people: int) -> float:
    return float(within_fold_auc(cells, np.ones((1, people)))[0])


def _described(
    named: dict[str, str], answer: Answer, seen: Seen, observed: list[float]
) -> ComparedPair:
    monte_carlo = answer.monte_carlo or (None, None)
    run = answer.run or (None, None)
    return ComparedPair(
        **named,
        auc_model_observed=observed[0],
        auc_reference=observed[1],
        correlation=seen.correlation,
        participants=answer.participants,
        monte_carlo_low=monte_carlo[0],
        monte_carlo_high=monte_carlo[1],
        run_low=run[0],
        run_high=run[1],
        participants_of_run=seen.population().size,
        power_of_run=answer.power_of_run,
        detectable_difference=answer.detectable,
    )
