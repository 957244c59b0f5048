"""The stages of an analysis, each with the tiniest inputs that it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import yaml

from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.tables import read_table, write_table
from crosswarp.files import write_json
from crosswarp.inputs.folds import make_folds, write_folds
from tests.faults.harness import Harness
from tests.faults.stage_inputs import (
    write_bundle,
    write_explaining_bundle,
    write_transform,
)
from tests.report.fake_run import FakeRun
from tests.tiny_maps import write_tiny_cohort

PARTICIPANTS = 8
TINY = {"features": 4, "standardise": "fixed"}
MODELS = [
    {"like": "compact_jsm", "name": "jsm", **TINY},
    {"like": "compact_t1w", "name": "t1w", **TINY},
]
EXPERIMENT = {
    "name": "tiny",
    "seed": 1,
    "cohort": "cohort.tsv",
    "derivatives": "derivatives",
    "folds": "folds.tsv",
    "models": MODELS,
    "training": {"epochs": 1, "batch_size": 4, "learning_rate": 0.003},
}
PRETRAINING = {
    "name": "tiny",
    "seed": 1,
    "derivatives": "derivatives",
    "scans": "scans.tsv",
    "model": {**TINY, "like": "compact_cross_attention", "name": "fused"},
    "mask": {"block_mm": 8, "share": 0.5},
    "epochs": 2,
    "batch_size": 4,
}

COMPARE = ["compare", "experiment.yaml", "run", "--quiet", "--workers", "1"]
SMALL = ["compare", "small.yaml", "run", "--quiet", "--workers", "1"]
EVALUATE = ["evaluate", "run", "--resamples", "100"]
EXPLAIN = ["explain", "run", "--quiet", "--workers", "1", "--model", "jsm"]
REPORT = ["report", "run"]
PREPROCESS = [
    *("preprocess", "bids", "maps", "--registration", "greedy", "--resolution", "2"),
    *("--quiet", "--workers", "1"),
]
PREDICT = ["predict", "bundle", "bids/sub-01/anat/sub-01_T1w.nii.gz", "out", "--quiet"]
EXPLAIN_ONE = ["explain", *PREDICT[1:]]
PREDICT_COHORT = ["predict", "bundle", "bids", "out", "--quiet", "--workers", "1"]
STUDY = {
    "name": "tiny",
    "seed": 1,
    "data": {"derivatives": "derivatives", "cohort": "cohort.tsv"},
    "out": "study",
    "folds": {"folds": 2},
    "preprocessing": {"resolution": 2},
    "models": MODELS[:1],
    "volume_baselines": False,
    "training": EXPERIMENT["training"],
    "evaluation": {"resamples": 100},
    "explanation": False,
}


@dataclass(frozen=True)
class Stage:
    """One command, what it needs, and who reads what it writes.

    Attributes:
        words: Of the command.
        before: Commands that must have run.
        out: What it writes, of the study's folder.
        change: Makes an older result of the command stale: a change of the study, and
            commands that follow it; None where the command writes one file.
        reader: Command that shows what this one wrote.
        shown: What the reader writes, of the study's folder.
        mends: Further words after a refusal, such as ``--overwrite``.
        inputs: Writes what this command needs beside the study that all have.
    """

    words: list[str]
    before: tuple[list[str], ...] = ()
    out: tuple[str, ...] = ("run",)
    change: Callable[[Path, Harness], None] | None = None
    reader: list[str] | None = None
    shown: tuple[str, ...] = ()
    mends: tuple[str, ...] = ()
    inputs: Callable[[Path], None] | None = None


def write_study(folder: Path) -> None:
    """Write scans, a cohort with maps and folds, settings and a bundle."""
    folder.mkdir(parents=True)
    _write_scans(folder / "bids")
    write_tiny_cohort(folder, participants=PARTICIPANTS)
    cohort = read_cohort(folder / "cohort.tsv")
    write_folds(folder / "folds.tsv", make_folds(cohort, folds=2))
    scans = read_table(folder / "cohort.tsv")
    write_table(folder / "scans.tsv", scans[["participant_id", "session_id"]])
    write_yaml(folder / "experiment.yaml", EXPERIMENT)
    write_yaml(folder / "small.yaml", {**EXPERIMENT, "models": MODELS[:1]})
    write_yaml(folder / "pretraining.yaml", PRETRAINING)
    write_yaml(folder / "study.yaml", STUDY)
    write_bundle(folder / "bundle")
    # Power needs more participants than a network of a test.
    made = FakeRun(strengths={"one": 1.5, "two": 0.8})
    write_table(folder / "asked" / "predictions.tsv", made.predictions())


def write_yaml(path: Path, choices: dict[str, object]) -> None:
    path.write_text(yaml.safe_dump(choices), encoding="utf-8")


def _write_scans(root: Path) -> None:
    rng = np.random.default_rng(0)
    people = [f"sub-{n:02d}" for n in (1, 2)]
    for name in people:
        path = root / name / "anat" / f"{name}_T1w.nii.gz"
        path.parent.mkdir(parents=True)
        values = rng.integers(0, 1000, (40, 48, 40)).astype(np.int16)
        nib.save(nib.Nifti1Image(values, np.diag([4.0, 4, 4, 1])), path)
    write_json(root / "dataset_description.json", {"Name": "a", "BIDSVersion": "1.9.0"})
    table = {"participant_id": people, "diagnosis": ["CN", "AD"], "age": 70, "sex": "F"}
    write_table(root / "participants.tsv", pd.DataFrame(table))


def _more_epochs(folder: Path, harness: Harness) -> None:
    del harness
    training = {**EXPERIMENT["training"], "epochs": 2}
    chosen = {**EXPERIMENT, "training": training}
    write_yaml(folder / "experiment.yaml", chosen)
    write_yaml(folder / "small.yaml", {**chosen, "models": MODELS[:1]})


def _compared_again(folder: Path, harness: Harness) -> None:
    _more_epochs(folder, harness)
    ended = harness.run(COMPARE, folder)
    assert ended.code == 0, ended.err


def _evaluated_again(folder: Path, harness: Harness) -> None:
    _compared_again(folder, harness)
    for words in (EVALUATE, EXPLAIN):
        ended = harness.run(words, folder)
        assert ended.code == 0, ended.err


STAGES: dict[str, Stage] = {
    "simulate": Stage(
        ["simulate", "cohort", "--participants", "2", "--quiet", "--workers", "1"],
        out=("cohort",),
    ),
    "preprocess": Stage(
        PREPROCESS,
        out=("maps",),
    ),
    "cohort": Stage(
        ["cohort", "bids", "new.tsv"],
        out=("new.tsv", "new_excluded.tsv"),
        mends=("--overwrite",),
    ),
    "folds": Stage(
        ["folds", "cohort.tsv", "new.tsv", "--folds", "2"],
        out=("new.tsv", "new_balance.tsv"),
        mends=("--overwrite",),
    ),
    "compare": Stage(
        SMALL,
        change=_more_epochs,
        reader=EVALUATE,
        shown=("run/metrics.json", "run/comparisons.tsv"),
    ),
    "evaluate": Stage(
        EVALUATE,
        before=(COMPARE,),
        change=_compared_again,
        reader=REPORT,
        shown=("run/report.html",),
    ),
    "explain": Stage(
        EXPLAIN,
        before=(COMPARE, EVALUATE),
        change=_compared_again,
        reader=REPORT,
        shown=("run/report.html",),
    ),
    "report": Stage(
        REPORT,
        before=(COMPARE, EVALUATE, EXPLAIN),
        change=_evaluated_again,
    ),
    "power": Stage(["power", "asked", "--simulations", "50"], out=("asked",)),
    "predict": Stage(
        PREDICT,
        out=("out",),
    ),
    "explain_one": Stage(
        EXPLAIN_ONE,
        out=("out",),
        inputs=write_explaining_bundle,
    ),
    "jacobian": Stage(
        ["jacobian", "warp.nii.gz", "map.nii.gz", "--reference", "reference.nii.gz"],
        out=("map.nii.gz", "map.json"),
        inputs=write_transform,
    ),
    "predict_cohort": Stage(
        PREDICT_COHORT,
        out=("out",),
    ),
    "evaluate_cohort": Stage(
        ["evaluate", "out", "--resamples", "100"],
        before=(PREDICT_COHORT,),
        out=("out",),
    ),
    "run": Stage(
        ["run", "study.yaml", "--quiet", "--workers", "1"],
        out=("study",),
        mends=("--overwrite",),
    ),
    "pretrain": Stage(
        ["model", "pretrain", "pretraining.yaml", "own", "--quiet"],
        out=("own",),
    ),
    "export": Stage(
        [
            *("model", "export", "run/models/jsm/repeat-0_fold-0/bundle", "exported"),
            *("--format", "monai"),
        ],
        before=(COMPARE,),
        out=("exported",),
    ),
}
