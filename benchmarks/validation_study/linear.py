"""The voxel-wise linear model on true maps: the package's own logistic regression.

Voxels centred, one scale for the map, smoothing and C chosen within the training part
of each fold, as `crosswarp compare` fits the baseline ``logistic_jsm``. All is computed
from the products of each pair of maps.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from crosswarp.baselines.features import voxel_blocks
from crosswarp.baselines.linear import Study, answer
from crosswarp.baselines.settings import BASELINES, BaselineSettings
from crosswarp.baselines.similarity import MapProducts, products
from crosswarp.baselines.smoothing import smoothed
from crosswarp.types.arrays import Mask, StoredMaps

MODEL = BASELINES["logistic_jsm"]

Products = Mapping[float, np.ndarray]
"""Inner products of all participants' maps by the smoothing, FWHM in mm."""


def products_of(
    maps: StoredMaps,
    voxels: Mask,
    spacing: tuple[float, float, float],
    settings: BaselineSettings = MODEL,
) -> Products:
    """Smooth maps and multiply each pair, voxel by voxel.

    Args:
        maps: Of all participants, on one grid; may be 16-bit numbers.
        voxels: Which of the grid to take.
        spacing: Millimetres between voxels along each axis.
        settings: Of the model: which smoothings.

    Returns:
        Not centred: mean and scale are those of each training part.
    """
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        for fwhm in settings.fwhm_mm:
            with smoothed(maps, fwhm, spacing, Path(scratch)) as seen:
                found[fwhm] = products(voxel_blocks([seen], voxels))
    return found


def chosen_of(whole: Products, places: np.ndarray) -> Products:
    """Keep some participants."""
    return {fwhm: part[np.ix_(places, places)] for fwhm, part in whole.items()}


def linear_predictions(
    name: str,
    known: Products,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    settings: BaselineSettings = MODEL,
) -> pd.DataFrame:
    """Test the model on every fold.

    Args:
        name: Of the model.
        known: As `products_of` gives them, in the order of the cohort.
        cohort: ``participant_id``, ``session_id``, ``diagnosis`` (two of them).
        folds: As `crosswarp.inputs.folds.make_folds` returns them.
        settings: Of the model.

    Returns:
        Rows of ``predictions.tsv``, tested and validated participants. The model
        chooses by its training part alone; the validation part only sets thresholds.
    """
    people = cohort["participant_id"].to_numpy()
    positive = _positive(cohort)
    truth = (cohort["diagnosis"] == positive).to_numpy()
    views = {fwhm: MapProducts([part]) for fwhm, part in known.items()}
    rows = []
    for number, (_, part) in enumerate(folds.groupby(["repeat", "fold"])):
        split = part.set_index("participant_id")["split"].reindex(people).to_numpy()
        train, val = split == "train", split == "val"
        study = Study(views, truth.astype(int), np.arange(len(people)), train, val)
        found = answer(study, settings, 2, seed=number).probabilities
        others = np.flatnonzero(np.isin(split, ("test", "val")))
        table = cohort.iloc[others][["participant_id", "session_id", "diagnosis"]]
        rows.append(
            table.assign(
                model=name,
                repeat=part["repeat"].iloc[0],
                fold=part["fold"].iloc[0],
                split=split[others],
                origin="virtual",
                probability_CN=found[others, 0],
                **{f"probability_{positive}": found[others, 1]},
            )
        )
    return pd.concat(rows, ignore_index=True)


def _positive(cohort: pd.DataFrame) -> str:
    (positive,) = set(cohort["diagnosis"]) - {"CN"}
    return str(positive)
