"""A model of covariates alone: is the answer one of them in disguise?

Whatever a network reaches must be seen beside what age, sex and head size, or the
covariates that the experiment names, reach in the same folds. The model is fixed
beforehand: nothing of it is chosen, least of all on test scans.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from crosswarp.bids.diagnoses import class_of_label
from crosswarp.evaluation.context import Context
from crosswarp.evaluation.encoding import described, encode
from crosswarp.evaluation.predictions import CELL, PREFIX, SCAN, Predictions
from crosswarp.statistics.shares import participant_shares
from crosswarp.types.scores import Features, Scores

BASELINE = "covariates"
"""What it is called in every table, whatever it was fitted on."""


@dataclass(frozen=True)
class Baseline:
    """Predictions with the baseline among them, or why it is not.

    Attributes:
        predictions: Those given; with the baseline as last model when it was made.
        features: Columns that it was fitted on, in the order asked for.
        absent: Those asked for that are known of no scan.
        imputed: Values that were not known and were filled with the training part's
            median.
        reason: Why there is none; None when there is.
    """

    predictions: Predictions
    features: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    imputed: int = 0
    reason: str | None = None

    @property
    def name(self) -> str | None:
        """What the baseline is called among the models; None when there is none."""
        return BASELINE if self.reason is None else None


def with_baseline(predictions: Predictions, context: Context) -> Baseline:
    """Fit logistic regression on the covariates in every fold.

    It is fitted on the training participants of the fold: those tested in other
    folds of the repeat who are neither in its validation nor in its test part. Where
    these do not have every class, as with one test part for all, they are taken from
    the fold table, each with the first scan. Scans
    are scored, and thresholds and temperatures found, as for a network. The penalty is
    scikit-learn's default and is not tuned.

    Args:
        predictions: Of the networks: who is in which part of which fold.
        context: Covariates of every scan, and which of them are wanted.
    """
    if context.scans is None:
        return Baseline(predictions, reason=context.reason)
    if BASELINE in predictions.models:
        return Baseline(predictions, reason=f"the run has a model {BASELINE} already")
    tables = []
    encoded = encode(context.scans, context.covariates)
    names = tuple(encoded.columns)
    if not names:
        reason = (
            f"known of no scan: {described(encoded.absent)}"
            if encoded.absent
            else "the experiment names no covariates"
        )
        return Baseline(predictions, absent=encoded.absent, reason=reason)
    design = predictions.table[predictions.table["model"] == predictions.models[0]]
    known = encoded.features.reindex(pd.MultiIndex.from_frame(design[SCAN]))
    values = known.to_numpy(float)
    for key, cell in design.groupby(CELL):
        where = design.index.get_indexer(cell.index)
        trained = _trained_on(design, cell)
        known_diagnoses = design["diagnosis"].to_numpy(object)[trained]
        who = design["participant_id"].to_numpy(object)[trained]
        seen = values[trained]
        if set(known_diagnoses) != set(predictions.classes):
            listed = _listed(context, cell, predictions.classes)
            known_diagnoses = listed.to_numpy(object)
            who = listed.index.get_level_values(0).to_numpy(object)
            seen = encoded.features.reindex(listed.index).to_numpy(float)
        if set(known_diagnoses) != set(predictions.classes):
            repeat, fold = key
            reason = f"the training part of repeat {repeat} fold {fold} lacks a class"
            return Baseline(predictions, names, encoded.absent, reason=reason)
        fitted = _fit(seen, known_diagnoses, participant_shares(who))
        tables.append(_scored(cell, fitted, values[where], predictions.classes))
    table = pd.concat([predictions.table, *tables], ignore_index=True)
    table = table.sort_values(
        ["model", *CELL, "split", *SCAN], kind="stable", ignore_index=True
    )
    first = [columns[0] for columns in encoded.columns.values()]
    once = known.loc[~known.index.duplicated(), first]
    return Baseline(
        replace(predictions, table=table, models=(*predictions.models, BASELINE)),
        names,
        encoded.absent,
        int(once.isna().to_numpy().sum()),
    )


def _trained_on(design: pd.DataFrame, cell: pd.DataFrame) -> np.ndarray:
    """Choose the rows to fit on: tested in the repeat, and not in this cell at all."""
    same_repeat = design["repeat"] == cell["repeat"].iloc[0]
    apart = ~design["participant_id"].isin(cell["participant_id"])
    chosen: np.ndarray = (same_repeat & (design["split"] == "test") & apart).to_numpy()
    return chosen


def _listed(
    context: Context, cell: pd.DataFrame, classes: tuple[str, ...]
) -> "pd.Series[str]":
    """List the classes of the scans that the fold table trains a cell on."""
    if context.folds is None or context.diagnoses is None:
        return pd.Series([], pd.MultiIndex.from_arrays([[], []]), dtype=object)
    table, first = context.folds, cell.iloc[0]
    inside = (table["repeat"] == first["repeat"]) & (table["fold"] == first["fold"])
    trained = set(table["participant_id"][inside & (table["split"] == "train")])
    people = context.diagnoses.index.get_level_values("participant_id")
    found = context.diagnoses[people.isin(list(trained))]
    return found.map(dict(class_of_label(classes))).dropna()


def _fit(values: Features, diagnoses: np.ndarray, shares: Scores) -> Pipeline:
    # A feature of which the training part knows nothing becomes 0 for all.
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    # Each by its own SD: years, a sex and millilitres have no scale in common, and
    # three SDs are known well from any training part. Voxels are scaled otherwise.
    model = make_pipeline(imputer, StandardScaler(), LogisticRegression())
    return model.fit(values, diagnoses, logisticregression__sample_weight=shares)


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
