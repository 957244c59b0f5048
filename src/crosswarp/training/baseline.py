"""One cell of a baseline: no network and no torch, the same table."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from crosswarp.atlas import check_space, load_atlas
from crosswarp.baselines.features import regional_volumes, voxel_blocks
from crosswarp.baselines.linear import Answer, Study, answer
from crosswarp.baselines.settings import BaselineSettings
from crosswarp.baselines.similarity import similarity
from crosswarp.bids.tables import write_table
from crosswarp.errors import MissingDerivativeError
from crosswarp.execution.memory import peak_mb
from crosswarp.files import write_json, written_folder
from crosswarp.inputs.folds import Split
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import read_map
from crosswarp.inputs.store import MapStore, open_store
from crosswarp.training.scans import DONE, PREDICTIONS, Cell, prediction_table
from crosswarp.types.arrays import LabelMap
from crosswarp.types.scores import Similarity

REPORTED: Final[tuple[Split, Split]] = ("val", "test")

LEAST: Final = 1e-12
"""Probability below which its logarithm is not written."""


@dataclass(frozen=True, kw_only=True)
class BaselineRequest(Cell):
    """All that one cell of a baseline depends on.

    Attributes:
        model: The baseline.
        brain: File of the template's brain mask.
    """

    model: BaselineSettings
    brain: Path


def check_baselines(
    baselines: Sequence[BaselineSettings], brain: Path, grid: Grid
) -> None:
    """Check that what baselines need is there.

    Raises:
        MissingDerivativeError: If voxels are wanted and there is no brain mask.
        MissingPackageError: If volumes are wanted and there is no atlas.
        InputError: If volumes are wanted and the atlas lies in another space.
        ShapeError: If volumes are wanted and the atlas is on another grid.
    """
    kinds = {baseline.features for baseline in baselines}
    if "voxels" in kinds and not brain.is_file():
        msg = f"voxel-wise baselines need {brain}; run crosswarp preprocess"
        raise MissingDerivativeError(msg)
    if "volumes" in kinds:
        check_space(grid.space)
        load_atlas(grid.extent, grid.affine)


def fit_baseline(request: BaselineRequest) -> dict[str, Any]:
    """Fit one baseline on one fold and write what came of it.

    Nothing of the validation and the test part is used but by the calibration of an
    SVM, on the validation part.

    Returns:
        What ``done.json`` holds: fingerprint, C, mean AUC of the inner folds, what the
        SVM was calibrated on, seconds, memory.
    """
    started = time.monotonic()
    study = _study(request, open_store(request.store))
    found = answer(study, request.model, len(request.classes), request.cell_seed)
    done: dict[str, Any] = {
        "fingerprint": request.fingerprint,
        "strength": found.strength,
        "inner_auc": found.inner_auc,
        "calibrated_on": found.calibrated_on,
    }
    with written_folder(request.folder) as folder:
        write_table(folder / PREDICTIONS, _predictions(request, found))
        done["seconds"] = round(time.monotonic() - started, 1)
        done["peak_mb"] = round(peak_mb())
        write_json(folder / DONE, done)
    return done


def _study(request: BaselineRequest, store: MapStore) -> Study:
    splits = np.array([s.split or "" for s in request.scans])
    people = [s.scan.participant_id for s in request.scans]
    return Study(
        similarity=_similarity(request, store, splits == "train"),
        diagnoses=np.array(
            [
                request.classes.index(s.diagnosis) if s.split else 0
                for s in request.scans
            ]
        ),
        participants=np.unique(people, return_inverse=True)[1],
        train=splits == "train",
        val=splits == "val",
    )


def _similarity(
    request: BaselineRequest, store: MapStore, trained: np.ndarray
) -> Similarity:
    if request.model.features == "volumes":
        labels, regions = load_atlas(request.grid.extent, request.grid.affine)
        box = tuple(slice(start, stop) for start, stop in request.grid.box)
        seen: LabelMap = labels[box]
        wanted = [region.label for region in regions]
        return similarity([regional_volumes(store.jsm, seen, wanted)], trained)
    brain = read_map(request.brain, request.grid) > 0
    maps = [getattr(store, name) for name in request.model.maps]
    return similarity(voxel_blocks(maps, brain), trained)


def _predictions(request: BaselineRequest, found: Answer) -> pd.DataFrame:
    tables = []
    for split in REPORTED:
        rows = [n for n, s in enumerate(request.scans) if s.split == split]
        if not rows:
            continue
        probabilities = found.probabilities[rows]
        first = {
            "model": request.model.name,
            "repeat": request.repeat,
            "fold": request.fold,
            "split": split,
        }
        logits = np.log(np.clip(probabilities, LEAST, 1.0))
        scans = [request.scans[row] for row in rows]
        tables.append(
            prediction_table(first, scans, request.classes, logits, probabilities)
        )
    return pd.concat(tables)
