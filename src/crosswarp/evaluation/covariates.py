"""A model of age, sex and head size alone: is the answer one of them in disguise?

Whatever a network reaches must be seen beside what these three reach in the same
folds. The model is fixed beforehand: nothing of it is chosen, least of all on test
scans.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from crosswarp.evaluation.context import HEAD_SIZE, Context
from crosswarp.evaluation.predictions import CELL, PREFIX, SCAN, Predictions
from crosswarp.types.scores import Features

BASELINE = "age_sex_headsize"
FEATURES = ("age_years", "sex", HEAD_SIZE)


@dataclass(frozen=True)
class Baseline:
    """Predictions with the baseline among them, or why it is not.

    Attributes:
        predictions: Those given; with the baseline as last model when it was made.
        features: What it was fitted on, in the order of `FEATURES`; those of which
            no scan has a value are left out.
        imputed: Values that were not known and were filled with the training part's
            median.
        reason: Why there is none; None when there is.
    """

    predictions: Predictions
    features: tuple[str, ...] = ()
    imputed: int = 0
    reason: str | None = None

    @property
    def name(self) -> str | None:
        """What the baseline is called among the models; None when there is none."""
        return BASELINE if self.reason is None else None


def with_baseline(predictions: Predictions, context: Context) -> Baseline:
    """Fit logistic regression on age, sex and head size in every fold.

    It is fitted on the training participants of the fold: those tested in other
    folds of the repeat who are neither in its validation nor in its test part. Scans
    are scored, and thresholds and temperatures found, as for a network. The penalty is
    scikit-learn's default and is not tuned.

    Args:
        predictions: Of the networks: who is in which part of which fold.
        context: Age, sex and head size of every scan.
    """
    if context.scans is None:
        return Baseline(predictions, reason=context.reason)
    if BASELINE in predictions.models:
        return Baseline(predictions, reason=f"the run has a model {BASELINE} already")
    features = _features(context.scans)
    tables = []
    names = tuple(features.columns[features.notna().any()])
    if not names:
        reason = "the cohort has neither age nor sex, and there is no head size"
        return Baseline(predictions, reason=reason)
    design = predictions.table[predictions.table["model"] == predictions.models[0]]
    known = features[list(names)].reindex(pd.MultiIndex.from_frame(design[SCAN]))
    values = known.to_numpy(float)
    for key, cell in design.groupby(CELL):
        where = design.index.get_indexer(cell.index)
        trained = _trained_on(design, cell)
        if set(design.loc[trained, "diagnosis"]) != set(predictions.classes):
            repeat, fold = key
            reason = f"the training part of repeat {repeat} fold {fold} lacks a class"
            return Baseline(predictions, reason=reason)
        fitted = _fit(values[trained], design["diagnosis"].to_numpy(object)[trained])
        tables.append(_scored(cell, fitted, values[where], predictions.classes))
    table = pd.concat([predictions.table, *tables], ignore_index=True)
    table = table.sort_values(
        ["model", *CELL, "split", *SCAN], kind="stable", ignore_index=True
    )
    once = known[~known.index.duplicated()]
    return Baseline(
        replace(predictions, table=table, models=(*predictions.models, BASELINE)),
        names,
        int(once.isna().to_numpy().sum()),
    )


def _features(scans: pd.DataFrame) -> pd.DataFrame:
    features = scans.reindex(columns=list(FEATURES))
    sex = features["sex"].map({"F": 0.0, "M": 1.0})
    return features.assign(sex=sex).astype(float)


def _trained_on(design: pd.DataFrame, cell: pd.DataFrame) -> np.ndarray:
    """Choose the rows to fit on: tested in the repeat, and not in this cell at all."""
    same_repeat = design["repeat"] == cell["repeat"].iloc[0]
    apart = ~design["participant_id"].isin(cell["participant_id"])
    chosen: np.ndarray = (same_repeat & (design["split"] == "test") & apart).to_numpy()
    return chosen


def _fit(values: Features, diagnoses: np.ndarray) -> Pipeline:
    # A feature of which the training part knows nothing becomes 0 for all.
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    model = make_pipeline(imputer, StandardScaler(), LogisticRegression())
    return model.fit(values, diagnoses)


def _scored(
    cell: pd.DataFrame, fitted: Pipeline, values: Features, classes: tuple[str, ...]
) -> pd.DataFrame:
    columns = [PREFIX + str(name) for name in fitted.classes_]
    probabilities = pd.DataFrame(
        fitted.predict_proba(values), index=cell.index, columns=columns
    )
    ordered = probabilities[[PREFIX + name for name in classes]]
    kept = cell.drop(
        columns=[
            name for name in cell.columns if str(name).startswith((PREFIX, "logit_"))
        ]
    )
    return kept.assign(model=BASELINE).join(ordered)
