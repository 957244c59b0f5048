"""How hard is a preset for a voxel-wise linear model that sees the true maps?"""

from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from benchmarks.validation_study.linear import linear_predictions
from benchmarks.validation_study.pieces import Row, done_or_made
from benchmarks.validation_study.scoring import scores_of
from benchmarks.validation_study.truth import Pool, make_pool
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.inputs.folds import make_folds
from crosswarp.simulation.drawing import draw_participant
from crosswarp.simulation.presets import preset_settings

CLASSES: Final = (Diagnosis.CN, Diagnosis.MCI, Diagnosis.AD)

PARTICIPANTS: Final = 120
"""Of all three diagnoses."""

FOLDS: Final = 5

ANATOMY: Final = 0.06
"""Spread of the logarithm of a region's volume, instead of the random anatomy."""

REPEATS: Final = 5
"""Dealings of the folds: one alone moves the AUC by some hundredths."""


def difficulty(work: Path, preset: str, participants: int) -> list[Row]:
    """Tell AD and MCI from CN in the true maps of a preset.

    Args:
        work: Folder of the study.
        preset: As for ``crosswarp simulate``.
        participants: Of three diagnoses together.
    """
    pool = make_pool(work, preset, participants, CLASSES)
    return [
        done_or_made(
            work,
            f"difficulty/{preset}-{participants}-{positive.value}",
            partial(_told_apart, pool, preset, positive),
        )
        for positive in CLASSES[1:]
    ]


def _told_apart(pool: Pool, preset: str, positive: Diagnosis) -> dict[str, Any]:
    known = pool.of(("CN", positive.value))
    cohort = cohort_of(known.diagnoses)
    folds = make_folds(cohort, folds=FOLDS, repeats=REPEATS)
    predictions = linear_predictions("linear", known.products(), cohort, folds)
    return {
        "preset": preset,
        "positive": positive.value,
        "participants": len(cohort),
        **scores_of(predictions)["linear"],
    }


def drawn_difficulty(preset: str, participants: int) -> list[Row]:
    """Tell them apart by the drawn volumes of regions alone: seconds, for tuning.

    Noise of `ANATOMY` stands for the random anatomy; no map is made.

    Args:
        preset: As for ``crosswarp simulate``.
        participants: Of three diagnoses together.
    """
    settings = preset_settings(preset, participants=participants, classes=CLASSES)
    people = [draw_participant(n, settings) for n in range(1, participants + 1)]
    sizes = np.log([list(person.ratios.values()) for person in people])
    noise = np.random.default_rng(0).normal(0, ANATOMY, sizes.shape)
    diagnoses = np.array([person.diagnosis.value for person in people])
    rows: list[Row] = []
    for positive in (diagnosis.value for diagnosis in CLASSES[1:]):
        kept = np.isin(diagnoses, ("CN", positive))
        truth = diagnoses[kept] == positive
        model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
        scores = cross_val_predict(
            model, (sizes + noise)[kept], truth, cv=folds, method="decision_function"
        )
        auc = float(roc_auc_score(truth, scores))
        rows.append({"positive": positive, "participants": int(kept.sum()), "auc": auc})
    return rows


def cohort_of(diagnoses: np.ndarray) -> pd.DataFrame:
    """Name participants that have nothing but a diagnosis."""
    return pd.DataFrame(
        {
            "participant_id": [f"sub-{n:04d}" for n in range(1, len(diagnoses) + 1)],
            "session_id": NOT_AVAILABLE,
            "diagnosis": diagnoses,
            "origin": "virtual",
        }
    )
