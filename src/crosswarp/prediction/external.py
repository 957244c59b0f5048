"""A trained model on another cohort whose diagnoses are known: how good is it there?"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.columns import extra_columns
from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.rows import COLUMNS as OF_COHORT
from crosswarp.bids.tables import write_table
from crosswarp.evaluation.context import FIELD_STRENGTH
from crosswarp.evaluation.model import Described, Design, describe
from crosswarp.evaluation.tables import framed
from crosswarp.locks import locked
from crosswarp.prediction.cohort import answers_of
from crosswarp.prediction.flags import flags_of
from crosswarp.prediction.known import KnownScans, known_scans
from crosswarp.prediction.recalibrate import Calibrated, Drawing, calibrated
from crosswarp.prediction.shift import (
    distance_row,
    far_scans,
    shift_rows,
    summarised,
    unstated,
)
from crosswarp.provenance import begin_record, sources_of
from crosswarp.statistics.intervals import LEVEL, participant_weights
from crosswarp.study.cohort_prediction import (
    CohortPrediction,
    read_cohort_prediction,
)
from crosswarp.study.external import External, OperatingPoint, write_external
from crosswarp.study.metrics import Settings
from crosswarp.study.names import (
    CALIBRATION,
    COHORT,
    COHORT_PREDICTION,
    DECISION_CURVE,
    EXTERNAL,
    PREDICTIONS,
    SHIFT,
    SITES,
    SUBGROUPS,
)

SHIFT_COLUMNS: Final = (
    *("variable", "level", "training", "training_sd", "external", "external_sd"),
    *("difference", "remark", "note"),
)


@dataclass(frozen=True)
class ExternalEvaluation:
    """What was computed.

    Attributes:
        found: The content of ``external.json``.
        tables: Tables beside it, by file name.
    """

    found: External
    tables: Mapping[str, pd.DataFrame]


def is_cohort_prediction(folder: Path) -> bool:
    """Whether a folder holds the predictions for a cohort, or began to."""
    return (folder / COHORT_PREDICTION).is_file()


def evaluate_cohort(
    out: Path, diagnoses: Path | None = None, drawing: Drawing | None = None
) -> ExternalEvaluation:
    """Evaluate the predictions for a cohort, and write what was found beside them.

    Metrics and decisions are on all scans that have a prediction and a diagnosis, with
    probabilities and thresholds as training left them. A part of the cohort serves to
    recalibrate probabilities; it is in no figure after that.

    Args:
        out: Folder that `crosswarp predict` wrote.
        diagnoses: Table with ``participant_id``, ``session_id`` and ``diagnosis``; the
            one beside the predictions when None.
        drawing: How random draws are made.

    Raises:
        MissingDerivativeError: If no cohort was predicted there.
        MixedError: If the predictions have not ended or were changed.
        InputError: If there are no diagnoses, or none that the networks know.
        LockedError: If another process works on the folder.
    """
    drawing = drawing or Drawing()
    with locked(out):
        record = read_cohort_prediction(out)
        table = diagnoses or out / COHORT
        sources = sources_of({PREDICTIONS: out / PREDICTIONS, "diagnoses": table})
        known = known_scans(out, record, answers_of(out, record), diagnoses)
        evaluation = evaluate_known(record, known, drawing)
        begin_record(out / EXTERNAL)
        for name, each in evaluation.tables.items():
            write_table(out / name, each)
        write_external(
            out, evaluation.found, products=evaluation.tables, sources=sources
        )
    return evaluation


def evaluate_known(
    record: CohortPrediction, known: KnownScans, drawing: Drawing
) -> ExternalEvaluation:
    """Evaluate scans without writing anything; see `evaluate_cohort`."""
    people, cell = known.people, known.cell()
    weights = participant_weights(people, drawing.resamples, drawing.seed)
    design = Design(
        known.classes, people, weights, _scans_of(known.cohort), drawing.seed
    )
    described = describe([cell], design)
    calibration = calibrated(known, drawing)
    shift = shift_rows(record.networks, summarised(known))
    distance = distance_row(known)
    found = External(
        note=_note(record, known),
        networks=record.networks,
        participants=len(people.ids),
        scans=len(known.rows),
        not_evaluated=dict(known.not_evaluated),
        settings=Settings(
            level=LEVEL,
            resamples=drawing.resamples if len(weights) > 1 else 0,
            permutations=0,
            seed=drawing.seed,
        ),
        operating_point=_operating_point(record, known, described),
        metrics=described.metrics,
        recalibration=calibration.part,
        calibration=calibration.entries,
        shift=(*shift, *([] if distance is None else [distance])),
        far=far_scans(known),
        unstated=tuple(unstated(record.networks, known)),
        flags=(),
    )
    found = found.model_copy(update={"flags": tuple(flags_of(found, record))})
    return ExternalEvaluation(found, _tables(found, described, calibration))


def _note(record: CohortPrediction, known: KnownScans) -> str | None:
    virtual = (known.cohort["origin"] == "virtual").any()
    return VIRTUAL_NOTICE if virtual or record.networks.origin == "virtual" else None


def _operating_point(
    record: CohortPrediction, known: KnownScans, described: Described
) -> OperatingPoint | None:
    if len(known.classes) > 2:
        return None
    overall = described.metrics.overall
    return OperatingPoint(
        thresholds=record.networks.thresholds,
        rules=record.networks.threshold_rules,
        sensitivity=overall.get("sensitivity"),
        specificity=overall.get("specificity"),
        divided=known.divided,
    )


def _scans_of(cohort: pd.DataFrame) -> pd.DataFrame:
    """Bring the cohort to the form of `crosswarp.evaluation.context.Context`."""
    words = ["sex", "site", *extra_columns(list(cohort.columns), OF_COHORT)]
    by_scan = cohort.set_index(["participant_id", "session_id"])
    known = by_scan[["age_years", *words]].copy()
    known[words] = known[words].replace(NOT_AVAILABLE, None)
    fields = by_scan[FIELD_STRENGTH]
    if fields.notna().any():
        known[FIELD_STRENGTH] = fields.map("{:g}".format, na_action="ignore")
    return known


def _tables(
    found: External, described: Described, calibration: Calibrated
) -> dict[str, pd.DataFrame]:
    model = {"model": found.networks.model}
    rows = {**described.rows, CALIBRATION: calibration.rows}
    tables = {
        name: framed(name, [model | row for row in rows[name]], found.note)
        for name in (CALIBRATION, DECISION_CURVE, SUBGROUPS, SITES)
    }
    shift = [{**row.model_dump(), "note": found.note} for row in found.shift]
    return {**tables, SHIFT: pd.DataFrame(shift, columns=list(SHIFT_COLUMNS))}
