"""The voxel-wise linear model: logistic regression on all voxels of a map.

A linear model of more voxels than participants needs only the products of each pair of
maps, so everything is computed from that small matrix (`KernelPCA` with a linear
kernel loses nothing). How strongly the weights are held back is chosen within the
training part of each fold.
"""

import warnings
from typing import Final

import numpy as np
import pandas as pd
from sklearn.decomposition import KernelPCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegressionCV
from sklearn.pipeline import Pipeline

STRENGTHS: Final = tuple(10.0**n for n in range(-4, 3))
"""Of the weights, where the mean participant has length 1."""

INNER_FOLDS: Final = 5


def products_of(maps: np.ndarray) -> np.ndarray:
    """Multiply each pair of maps, voxel by voxel, and sum.

    Args:
        maps: Participants by voxels; may be 16-bit numbers.

    Returns:
        Participants by participants, scaled to a mean diagonal of 1.
    """
    rows = len(maps)
    products = np.zeros((rows, rows))
    step = 20_000
    for start in range(0, maps.shape[1], step):
        part = maps[:, start : start + step].astype(np.float32)
        part -= part.mean(axis=0)  # a shift of the origin: linear models do not see it
        products += (part @ part.T).astype(np.float64)
    scaled: np.ndarray = products / np.trace(products) * rows
    return scaled


def linear_model() -> Pipeline:
    """Build the model; its input is rows of products with the training maps."""
    return Pipeline(
        [
            ("components", KernelPCA(kernel="precomputed", remove_zero_eig=True)),
            (
                "regression",
                LogisticRegressionCV(
                    Cs=STRENGTHS,
                    cv=INNER_FOLDS,
                    scoring="roc_auc",
                    max_iter=2000,
                    use_legacy_attributes=False,
                    l1_ratios=(0.0,),
                ),
            ),
        ]
    )


def linear_predictions(
    name: str, products: np.ndarray, cohort: pd.DataFrame, folds: pd.DataFrame
) -> pd.DataFrame:
    """Test the model on every fold.

    Args:
        name: Of the model.
        products: As `products_of` gives them, in the order of the cohort.
        cohort: ``participant_id``, ``session_id``, ``diagnosis`` (two of them).
        folds: As `crosswarp.inputs.folds.make_folds` returns them.

    Returns:
        Rows of ``predictions.tsv``, tested and validated participants. The model
        chooses by its training part alone; the validation part only sets thresholds.
    """
    people = cohort["participant_id"].to_numpy()
    positive = _positive(cohort)
    classes = ("CN", positive)
    truth = (cohort["diagnosis"] == positive).to_numpy()
    rows = []
    for _, part in folds.groupby(["repeat", "fold"]):
        split = part.set_index("participant_id")["split"].reindex(people).to_numpy()
        trained = np.flatnonzero(split == "train")
        model = linear_model()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(products[np.ix_(trained, trained)], truth[trained])
        others = np.flatnonzero(np.isin(split, ("test", "val")))
        found = model.predict_proba(products[np.ix_(others, trained)])
        table = cohort.iloc[others][["participant_id", "session_id", "diagnosis"]]
        rows.append(
            table.assign(
                model=name,
                repeat=part["repeat"].iloc[0],
                fold=part["fold"].iloc[0],
                split=split[others],
                origin="virtual",
                **{f"probability_{classes[n]}": found[:, n] for n in range(2)},
            )
        )
    return pd.concat(rows, ignore_index=True)


def _positive(cohort: pd.DataFrame) -> str:
    (positive,) = set(cohort["diagnosis"]) - {"CN"}
    return str(positive)
