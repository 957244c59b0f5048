"""The demo: a study of virtual participants, and one more head for its networks."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import raw_path
from crosswarp.bids.tables import read_table
from crosswarp.demo.timing import Timings
from crosswarp.errors import InputError
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.explanation.one_scan import explain_scan, explanation_of
from crosswarp.files import written_whole
from crosswarp.locks import locked
from crosswarp.outputs import DEMO, claim_folder
from crosswarp.prediction.answer import ScanPrediction
from crosswarp.prediction.findings import Circumstances
from crosswarp.prediction.person import Person
from crosswarp.prediction.predict import predict_scan
from crosswarp.report.one_scan.page import write_scan_page
from crosswarp.running.folder import StudyFolder
from crosswarp.running.new_file import VirtualSize, write_study_file
from crosswarp.running.run import run_study
from crosswarp.simulation.choices import SimulationChoices
from crosswarp.simulation.cohort import simulate_participant
from crosswarp.study.names import (
    COMPARISONS,
    DEMO_MARK,
    DERIVATIVES,
    MODELS,
    RAW,
    REPORT,
)
from crosswarp.study.settings import read_study

NEW: Final = "new"
"""Folder of one more head, that no network has seen."""


@dataclass(frozen=True)
class DemoResult:
    """What the demo shows.

    Attributes:
        comparisons: The table of models.
        report: Path of the report page.
        answer: Prediction for the head that no network has seen.
        truth: Diagnosis of that head.
        page: Path of the page that shows the prediction.
        timings: One row a step.
    """

    comparisons: pd.DataFrame
    report: Path
    answer: ScanPrediction
    truth: str
    page: Path
    timings: pd.DataFrame


def run_demo(
    out: Path,
    settings: VirtualSize | None = None,
    progress: Progress | None = None,
) -> DemoResult:
    """Write the study file of virtual participants, run it, and predict one more.

    Every step finds out by itself what is done, so the same call resumes an
    interrupted one, and takes seconds when nothing changed.

    Args:
        out: Folder for everything.
        settings: Size of the demo; the default size when None.
        progress: Told of every task.

    Raises:
        OccupiedError: If the folder holds something else.
        LockedError: If another process works on it.
        IncompleteError: If a step could not be ended; a ledger says why.
    """
    settings, shown = settings or VirtualSize(), progress or SilentProgress()
    claim_folder(out, DEMO)
    with locked(out):
        _mark(out)
        file = write_study_file(out, "virtual", size=settings, overwrite=True)
        study = read_study(file)
        engine = LocalEngine(settings.workers)
        result = run_study(study, engine=engine, progress=shown)
        timings = Timings(out, shown, result.steps)
        with timings.timed("predict") as watched:
            answer, truth, page = _predict(result.folder, settings, watched)
        run = result.folder.run
        return DemoResult(
            read_table(run / COMPARISONS),
            run / REPORT,
            answer,
            truth,
            page,
            timings.table(),
        )


def _mark(out: Path) -> None:
    with written_whole(out / DEMO_MARK) as temporary:
        temporary.write_text("made by crosswarp demo\n", encoding="utf-8")


def _predict(
    folder: StudyFolder, settings: VirtualSize, progress: Progress
) -> tuple[ScanPrediction, str, Path]:
    """Make one more participant, the next in the row, and ask the first model."""
    study, new = folder.study, folder.out / NEW
    virtual = study.data.simulation or SimulationChoices()
    number = settings.participants + 2  # an even number: with AD
    made = simulate_participant(
        new / RAW, number, virtual.settings(settings.workers), labels_of=folder.raw
    )
    model, out = folder.run / MODELS / study.models[0].name, new / DERIVATIVES
    raw = raw_path(new / RAW, ScanId(made.scan.participant_id))
    known = Circumstances(Person(made.age_years, made.sex))
    answer = predict_scan(model, raw, out, known=known, progress=progress)
    if not explanation_of(out, answer).is_file():
        # Without: a very small demo has too few participants to compare with, and its
        # page says so.
        with suppress(InputError):
            explain_scan(model, out, answer, raw)
    return answer, str(made.diagnosis), write_scan_page(model, out, answer)
