"""A trained model on all scans of another cohort, and how good it is there."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from crosswarp.api.paths import PathLike, as_path
from crosswarp.prediction import cohort as predicting
from crosswarp.prediction.external import evaluate_cohort
from crosswarp.prediction.recalibrate import SHARE, Drawing
from crosswarp.report.external.page import write_external_page
from crosswarp.study.cohort_prediction import CohortPrediction, Overlap
from crosswarp.study.external import External


@dataclass(frozen=True)
class CohortResult:
    """Predictions for a cohort, evaluated where diagnoses are known.

    Attributes:
        record: Counts of scans predicted, failed and left out, and the networks.
        table: One row per scan, with the probability of each class; the column
            ``quality_reason`` says why there is none.
        evaluation: Metrics with intervals, calibration and the shift between the
            cohorts; None where no diagnosis is known.
        page: HTML page of the evaluation, which needs no network; None without one.
        out: Folder with all of it.
    """

    record: CohortPrediction
    table: pd.DataFrame
    evaluation: External | None
    page: Path | None
    out: Path


def predict_cohort(
    bundle: PathLike,
    cohort: PathLike,
    out: PathLike,
    *,
    overlap: Overlap = "refuse",
    diagnoses: PathLike | None = None,
    recalibrate: float = SHARE,
    resamples: int = 2000,
) -> CohortResult:
    """Classify all scans of a cohort with a trained model, and evaluate it there.

    The same call resumes; a scan that fails has its reason in the table, and stops no
    other.

    Args:
        bundle: Folder of a bundle, or a model's folder in a run
            (``run/models/<model>``), whose networks of all folds are averaged.
        cohort: Table of scans with a column ``path`` (``crosswarp cohort`` writes it
            for an archive), BIDS data set, or folder of finished maps.
        out: Folder for maps, predictions and evaluation.
        overlap: What is done with participants that the model was trained on:
            ``refuse``, ``leave-out``, or ``other-people`` where their names are the
            same by chance.
        diagnoses: Table with ``participant_id``, ``session_id`` and ``diagnosis``;
            the cohort's own when None.
        recalibrate: Fraction of the participants on which probabilities are
            recalibrated, from 0 to less than 1; they are left out of what is reported
            after that.
        resamples: Number of bootstrap draws over participants.

    Returns:
        ``record``, ``table``, ``evaluation`` and ``page``.

    Raises:
        InputError: If the bundles cannot be used, or nothing is found.
        LeakageError: If participants were trained on and are not to be left out.
        OccupiedError: If ``out`` holds something else.
        LockedError: If another process works on ``out``.

    Examples:
        >>> other = crosswarp.simulate(study / "other", 4, seed=7, what="maps")
        >>> found = crosswarp.predict_cohort(
        ...     study / "bundle", study / "other", study / "answers", resamples=100
        ... )
        >>> found.record.predicted, len(found.table)
        (4, 4)
        >>> found.evaluation.participants
        4
        >>> found.page.name
        'external.html'
    """
    folder = as_path(out)
    asked = predicting.CohortAsked(as_path(bundle), as_path(cohort), overlap)
    record, table = predicting.predict_cohort(asked, folder)
    known = None if diagnoses is None else as_path(diagnoses)
    if known is None and record.diagnoses:
        return CohortResult(record, table, None, None, folder)
    drawing = Drawing(recalibrate, resamples)
    evaluation = evaluate_cohort(folder, known, drawing).found
    page = write_external_page(folder)
    return CohortResult(record, table, evaluation, page, folder)
