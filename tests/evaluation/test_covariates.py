"""A model of age, sex and head size: fitted where it may be, and only there."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from crosswarp.evaluation.context import Context
from crosswarp.evaluation.covariates import BASELINE, with_baseline
from crosswarp.evaluation.predictions import Predictions, check_predictions
from tests.report.fake_run import FakeRun

RUN = FakeRun(strengths={"one": 1.0}, repeats=2)


def context(**columns: object) -> Context:
    cohort = RUN.cohort.set_index(["participant_id", "session_id"])
    ill = (cohort["diagnosis"] == "AD").to_numpy()
    known = cohort[["age_years", "sex", "site"]].assign(
        age_years=60 + 12.0 * ill + np.arange(40) % 7,
        brain_volume_cm3=1400.0 + np.arange(40) % 5,
    )
    return Context(known.assign(**columns), None, None)


def predictions() -> Predictions:
    return check_predictions(RUN.predictions(), "t")


def test_it_is_logistic_regression_on_the_training_participants() -> None:
    found = with_baseline(predictions(), context())
    assert found.name == BASELINE
    assert found.features == ("age_years", "sex", "brain_volume_cm3")
    assert found.imputed == 0
    table = found.predictions.table
    mine = table[table["model"] == BASELINE].set_index(["repeat", "fold"])
    rows = mine.loc[(1, 2)].set_index("participant_id")

    scans = context().scans
    assert scans is not None
    features = scans.droplevel("session_id").assign(sex=lambda t: t["sex"] == "M")
    features = features[["age_years", "sex", "brain_volume_cm3"]].astype(float)
    cohort = RUN.cohort.set_index("participant_id")
    trained = cohort.index[RUN.split(1, 2) == "train"]
    scaler = StandardScaler().fit(features.loc[trained].to_numpy())
    model = LogisticRegression().fit(
        scaler.transform(features.loc[trained].to_numpy()),
        cohort.loc[trained, "diagnosis"] == "AD",
    )
    given = scaler.transform(features.loc[rows.index].to_numpy())
    np.testing.assert_allclose(rows["probability_AD"], model.predict_proba(given)[:, 1])


def test_it_is_scored_on_the_same_scans_and_checked_like_a_network() -> None:
    found = with_baseline(predictions(), context()).predictions
    again = check_predictions(found.table.drop(columns=["logit_CN", "logit_AD"]), "t")
    assert again.models == (BASELINE, "one")
    assert found.models == ("one", BASELINE)


def test_scores_of_a_fold_do_not_depend_on_who_is_tested_in_it() -> None:
    """Spoil age and diagnosis of the test part: the fitted model must not notice."""
    before = with_baseline(predictions(), context()).predictions.table
    tested = RUN.split(0, 0) == "test"
    names = RUN.cohort.loc[tested, "participant_id"]
    spoilt_age = np.where(tested, 150.0, context().scans["age_years"])  # type: ignore[index]
    table = RUN.predictions()
    other = {"CN": "AD", "AD": "CN"}
    where = table["participant_id"].isin(names)
    table.loc[where, "diagnosis"] = table.loc[where, "diagnosis"].map(other)
    spoilt = check_predictions(table, "t")
    after = with_baseline(spoilt, context(age_years=spoilt_age)).predictions.table
    kept = [
        t[(t["model"] == BASELINE) & (t["repeat"] == 0) & (t["fold"] == 0)]
        for t in (before, after)
    ]
    validated = [t.loc[t["split"] == "val", "probability_AD"] for t in kept]
    np.testing.assert_array_equal(validated[0], validated[1])


def test_unknown_values_are_filled_and_counted() -> None:
    sex = np.array(["F", "M", None, "O"] * 10, dtype=object)
    found = with_baseline(predictions(), context(sex=sex))
    assert found.imputed == 20
    assert found.predictions.table["probability_AD"].notna().all()


def test_unknown_features_are_left_out() -> None:
    found = with_baseline(predictions(), context(sex=None, brain_volume_cm3=np.nan))
    assert found.features == ("age_years",)
    none = with_baseline(
        predictions(), context(sex=None, brain_volume_cm3=np.nan, age_years=np.nan)
    )
    assert none.name is None
    assert none.reason == "known of no scan: age, sex and head size"
    assert found.absent == ("sex", "brain_volume_cm3")
    neither = Context(context().scans, None, None, ())
    assert with_baseline(predictions(), neither).reason == (
        "the experiment names no covariates"
    )


@pytest.mark.parametrize("column", ["age_years", "brain_volume_cm3"])
def test_a_column_that_is_missing_is_left_out(column: str) -> None:
    full = context().scans
    assert full is not None
    found = with_baseline(predictions(), Context(full.drop(columns=column), None, None))
    assert len(found.features) == 2


def test_reasons_for_none() -> None:
    assert (
        with_baseline(predictions(), Context()).reason == "only predictions were given"
    )
    table = pd.concat([RUN.predictions(), RUN.predictions().assign(model=BASELINE)])
    named = check_predictions(table.reset_index(drop=True), "t")
    assert "already" in (with_baseline(named, context()).reason or "")
    # Two folds that validate on each other leave nobody to train on.
    small = FakeRun(strengths={"one": 1.0}, folds=2)
    halves = check_predictions(small.predictions(), "t")
    found = with_baseline(halves, context())
    assert found.reason == "the training part of repeat 0 fold 0 lacks a class"
    assert found.predictions is halves


def test_with_one_test_part_it_is_fitted_on_who_the_fold_table_trains() -> None:
    split = RUN.split(0, 0)
    table = RUN.predictions().query("repeat == 0 and fold == 0")
    predicted = check_predictions(table.reset_index(drop=True), "t")
    cohort = RUN.cohort.set_index(["participant_id", "session_id"])
    folds = pd.DataFrame(
        {
            "repeat": 0,
            "fold": 0,
            "participant_id": RUN.cohort["participant_id"],
            "split": split,
        }
    )
    told = replace(context(), folds=folds, diagnoses=cohort["diagnosis"])
    found = with_baseline(predicted, told)
    assert found.name == BASELINE
    mine = found.predictions.of(BASELINE, "test").set_index("participant_id")

    scans = context().scans
    assert scans is not None
    features = scans.droplevel("session_id").assign(sex=lambda t: t["sex"] == "M")
    features = features[["age_years", "sex", "brain_volume_cm3"]].astype(float)
    trained = RUN.cohort["participant_id"][split == "train"]
    ill = cohort["diagnosis"].droplevel("session_id")[trained] == "AD"
    scaler = StandardScaler().fit(features.loc[trained].to_numpy())
    model = LogisticRegression().fit(
        scaler.transform(features.loc[trained].to_numpy()), ill
    )
    given = scaler.transform(features.loc[mine.index].to_numpy())
    np.testing.assert_allclose(mine["probability_AD"], model.predict_proba(given)[:, 1])


def test_any_column_of_the_cohort_is_a_covariate() -> None:
    ill = (RUN.cohort["diagnosis"] == "AD").to_numpy()
    apoe = np.where(ill, "E4", "E3")
    full = context(APOE=apoe).scans
    found = with_baseline(predictions(), Context(full, None, None, ("apoe", "site")))
    assert found.features == ("APOE", "site")
    table = found.predictions.table
    rows = table[(table["model"] == BASELINE) & (table["split"] == "test")]
    called = np.where(rows["probability_AD"] > 0.5, "AD", "CN")
    assert (called == rows["diagnosis"]).all()


def test_a_second_scan_of_everyone_changes_nothing() -> None:
    """Scans of one participant share its weight, in the fit as in the figures."""
    once = RUN.predictions()
    twice = pd.concat([once, once.assign(session_id="ses-M12")])
    scans = context().scans
    assert scans is not None
    later = scans.rename(index={"ses-M00": "ses-M12"}, level="session_id")
    found = with_baseline(
        check_predictions(twice, "t"), Context(pd.concat([scans, later]), None, None)
    )
    expected = with_baseline(check_predictions(once, "t"), context())
    tables = [
        f.predictions.table.query("model == @BASELINE") for f in (found, expected)
    ]
    first = tables[0].query("session_id == 'ses-M00'")
    np.testing.assert_allclose(
        first["probability_AD"], tables[1]["probability_AD"], atol=1e-4
    )
