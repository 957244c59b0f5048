"""Learning curves: what does each fusion and baseline gain from more participants?

A cohort of the preset ``realistic`` through the whole chain, maps at 2 mm. A smaller
study is the first part of a larger one, so that the sizes differ by participants alone.
"""

from functools import partial
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np
import pandas as pd

from benchmarks.validation_study.linear import linear_predictions, products_of
from benchmarks.validation_study.null import TRAINING
from benchmarks.validation_study.pieces import done_or_made
from benchmarks.validation_study.scoring import scores_of
from benchmarks.validation_study.truth import RESOLUTION
from crosswarp.bids.cohort import make_cohort, write_cohort
from crosswarp.bids.dataset import find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.derivatives.cohort import preprocess_cohort
from crosswarp.derivatives.scan import map_path
from crosswarp.derivatives.settings import PreprocessSettings
from crosswarp.derivatives.template import load_template
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.simulation.base_heads import take_over_head
from crosswarp.simulation.cohort import simulate_cohort
from crosswarp.simulation.presets import preset_settings
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import Experiment

EXPERIMENT: Final = "curves"

SIZES: Final = (48, 32, 16)
"""Participants, half of them with AD; the largest first."""

FOLDS: Final = 4

LINEAR: Final = {"linear_jsm": "logjacobian", "linear_t1w": "preproc"}

NETWORKS: Final = (
    "compact_cross_attention",
    "compact_jsm",
    "compact_t1w",
    "compact_concatenation",
    "compact_stacked",
    "compact_bottleneck",
    "compact_self_attention",
    "compact_gating",
    "compact_multiplied",
    "compact_late_averaging",
    "compact_cross_attention_t1w_query",
    "compact_cross_attention_both_ways",
)
"""In the order in which they run: what is most asked for comes first."""


def make_study_cohort(work: Path, participants: int) -> None:
    """Make the cohort and its maps, or go on with them.

    Args:
        work: Folder of the study.
        participants: How many.
    """
    raw, maps = work / "cohort" / "raw", work / "cohort" / "maps"
    settings = preset_settings("realistic", participants=participants, workers=1)
    for head in settings.heads:
        take_over_head(work / "heads", raw, head)
    simulate_cohort(raw, settings)
    preprocess_cohort(find_scans(raw), maps, PreprocessSettings(resolution=RESOLUTION))


def learning_curves(work: Path, models: int) -> None:
    """Test models on studies of different size.

    Args:
        work: Folder of the study.
        models: How many of `NETWORKS`, besides the linear ones.
    """
    cohort = _usable(work)
    for size in SIZES:
        part = first_of_each(cohort, size)
        for name, desc in LINEAR.items():
            make = partial(_linear, work, part, name, desc)
            done_or_made(work, f"{EXPERIMENT}/{name}-{size:03d}", make)
    for name in NETWORKS[:models]:
        for size in SIZES:
            part = first_of_each(cohort, size)
            make = partial(_network, work, part, name)
            done_or_made(work, f"{EXPERIMENT}/{name}-{size:03d}", make)


def first_of_each(cohort: pd.DataFrame, size: int) -> pd.DataFrame:
    """Take the first participants of each of two diagnoses.

    Args:
        cohort: Sorted.
        size: Of both together.
    """
    part = cohort.groupby("diagnosis").head(size // 2)
    return part.reset_index(drop=True)


def _usable(work: Path) -> pd.DataFrame:
    """The cohort without those whose scan was refused."""
    table = make_cohort(work / "cohort" / "raw").table
    maps = work / "cohort" / "maps"
    there = [
        map_path(maps, ScanId(name), RESOLUTION, "logjacobian").is_file()
        for name in table["participant_id"]
    ]
    return table[there].reset_index(drop=True)


def _linear(work: Path, cohort: pd.DataFrame, name: str, desc: str) -> dict[str, Any]:
    mask = load_template(RESOLUTION).mask
    maps = work / "cohort" / "maps"
    values = np.stack(
        [
            np.asarray(
                nib.load(map_path(maps, ScanId(p), RESOLUTION, desc)).dataobj,
                dtype=np.float32,
            )[mask]
            for p in cohort["participant_id"]
        ]
    )
    folds = make_folds(cohort, folds=FOLDS)
    table = linear_predictions(name, products_of(values), cohort, folds)
    return _row(name, cohort, table)


def _network(work: Path, cohort: pd.DataFrame, name: str) -> dict[str, Any]:
    folder = work / "networks" / f"{name}-{len(cohort):03d}"
    write_cohort(folder / "cohort.tsv", cohort)
    write_folds(folder / "folds.tsv", make_folds(cohort, folds=FOLDS))
    experiment = Experiment.model_validate(
        {
            "name": EXPERIMENT,
            "cohort": folder / "cohort.tsv",
            "derivatives": work / "cohort" / "maps",
            "folds": folder / "folds.tsv",
            "models": [name],
            "training": TRAINING,
        }
    )
    return _row(name, cohort, cross_validate(experiment, folder / "run"))


def _row(name: str, cohort: pd.DataFrame, table: pd.DataFrame) -> dict[str, Any]:
    scores = scores_of(table)[name]
    return {"model": name, "participants": len(cohort), **scores}
