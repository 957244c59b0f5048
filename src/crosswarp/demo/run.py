"""From real heads to an answer: every stage, each resumed where it was left."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from crosswarp.bids.cohort import make_cohort, write_cohort
from crosswarp.bids.dataset import find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import raw_path
from crosswarp.demo.settings import DemoSettings
from crosswarp.demo.timing import Timings
from crosswarp.derivatives.cohort import check_ledger, preprocess_cohort
from crosswarp.derivatives.settings import PreprocessSettings
from crosswarp.errors import OccupiedError
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.execution.isolated import preload
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.explanation.explain import explain_run
from crosswarp.files import written_whole
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.prediction.predict import ScanPrediction, predict_scan
from crosswarp.report.assemble import write_report
from crosswarp.simulation.cohort import simulate_cohort, simulate_participant
from crosswarp.simulation.presets import preset_settings
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import read_experiment

MARK: Final = ".crosswarp-demo"
"""Says that a folder is a demo's, so that nothing else is ever written over."""

RESOLUTION: Final = 2

PRELOADED: Final = (
    "crosswarp.derivatives.scan",
    "crosswarp.simulation.cohort",
    "crosswarp.training.fold",
    "crosswarp.explanation.cell",
    "ants",
    "deepbet",
    "picsl_greedy",
)
"""Loaded once, before the first child process is forked."""


@dataclass(frozen=True)
class DemoFolder:
    """Where everything of a demo is.

    Attributes:
        out: The folder.
    """

    out: Path

    @property
    def raw(self) -> Path:
        """The virtual participants, a BIDS data set."""
        return self.out / "bids"

    @property
    def derivatives(self) -> Path:
        """Their maps."""
        return self.out / "derivatives"

    @property
    def cohort(self) -> Path:
        """Who is in the analysis."""
        return self.out / "cohort.tsv"

    @property
    def folds(self) -> Path:
        """Who is trained on and tested on."""
        return self.out / "folds.tsv"

    @property
    def experiment(self) -> Path:
        """What is compared."""
        return self.out / "experiment.yaml"

    @property
    def run(self) -> Path:
        """What came of it."""
        return self.out / "run"

    @property
    def new(self) -> Path:
        """One more head, that no network has seen."""
        return self.out / "new"


@dataclass(frozen=True)
class DemoResult:
    """What the demo shows.

    Attributes:
        comparisons: The table of models.
        report: The page.
        answer: For the head that no network has seen.
        truth: Its diagnosis.
        timings: One row a stage.
    """

    comparisons: pd.DataFrame
    report: Path
    answer: ScanPrediction
    truth: str
    timings: pd.DataFrame


def run_demo(
    out: Path,
    settings: DemoSettings | None = None,
    progress: Progress | None = None,
) -> DemoResult:
    """Make virtual participants, preprocess, cross-validate, report, and predict one.

    Every stage finds out by itself what is done, so the same call goes on where an
    interrupted one stopped, and takes seconds when nothing changed.

    Args:
        out: Folder for everything.
        settings: How large; the default size when None.
        progress: Told of every piece.

    Raises:
        OccupiedError: If the folder holds something else.
        IncompleteError: If a scan or a cell failed; a ledger says why.
    """
    settings = settings or DemoSettings()
    folder = DemoFolder(out)
    _claim(folder)
    # Once for all stages: what is not loaded before the first child never is.
    preload(PRELOADED)
    timings = Timings(out, progress or SilentProgress())
    virtual = preset_settings(
        "easy",
        participants=settings.participants,
        seed=settings.seed,
        workers=settings.workers,
    )
    with timings.timed("simulate") as watched:
        simulate_cohort(folder.raw, virtual, watched)
    with timings.timed("preprocess") as watched:
        _preprocess(folder, settings, watched)
    with timings.timed("train") as watched:
        _train(folder, settings, watched)
    with timings.timed("evaluate") as watched:
        first = read_experiment(folder.experiment).models[0].name
        evaluation = evaluate_run(folder.run, reference=first)
        watched.pieces = 1
    with timings.timed("explain") as watched:
        explain_run(folder.run, workers=settings.workers, progress=watched)
    with timings.timed("report") as watched:
        report = write_report(folder.run)
        watched.pieces = 1
    with timings.timed("predict") as watched:
        answer, truth = _predict(folder, settings, virtual, watched)
    return DemoResult(evaluation.comparisons, report, answer, truth, timings.table())


def _claim(folder: DemoFolder) -> None:
    mark = folder.out / MARK
    occupied = folder.out.is_dir() and any(folder.out.iterdir())
    if folder.out.is_file() or (occupied and not mark.is_file()):
        msg = f"{folder.out} holds something else; choose another folder for the demo"
        raise OccupiedError(msg)
    with written_whole(mark) as temporary:
        temporary.write_text("made by crosswarp demo\n", encoding="utf-8")


def _preprocess(folder: DemoFolder, settings: DemoSettings, progress: Progress) -> None:
    ledger = preprocess_cohort(
        find_scans(folder.raw),
        folder.derivatives,
        PreprocessSettings(resolution=RESOLUTION),
        engine=LocalEngine(settings.workers),
        progress=progress,
    )
    check_ledger(ledger, folder.derivatives)


def _train(folder: DemoFolder, settings: DemoSettings, progress: Progress) -> None:
    cohort = make_cohort(folder.raw).table
    write_cohort(folder.cohort, cohort)
    folds = make_folds(cohort, settings.folds, seed=settings.seed)
    write_folds(folder.folds, folds)
    _write_experiment(folder, settings)
    experiment = read_experiment(folder.experiment)
    engine = LocalEngine(settings.workers)
    cross_validate(experiment, folder.run, engine=engine, progress=progress)


def _write_experiment(folder: DemoFolder, settings: DemoSettings) -> None:
    text = files("crosswarp.demo").joinpath("experiment.yml").read_text("utf-8")
    chosen: dict[str, Any] = yaml.safe_load(text)
    chosen["seed"] = settings.seed
    if settings.epochs is not None:
        chosen["training"]["epochs"] = settings.epochs
    with written_whole(folder.experiment) as temporary:
        temporary.write_text(yaml.safe_dump(chosen, sort_keys=False), encoding="utf-8")


def _predict(
    folder: DemoFolder,
    settings: DemoSettings,
    virtual: SimulationSettings,
    progress: Progress,
) -> tuple[ScanPrediction, str]:
    """Make one more participant, the next in the row, and ask the first model."""
    number = settings.participants + 2  # an even number: with AD
    made = simulate_participant(
        folder.new / "bids", number, virtual, labels_of=folder.raw
    )
    model = read_experiment(folder.experiment).models[0].name
    answer = predict_scan(
        folder.run / "models" / model,
        raw_path(folder.new / "bids", ScanId(made.scan.participant_id)),
        folder.new / "derivatives",
        progress=progress,
    )
    return answer, str(made.diagnosis)
