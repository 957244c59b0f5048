"""A whole run, from its predictions to its files."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import InputError
from crosswarp.evaluation.evaluate import evaluate, evaluate_run
from crosswarp.evaluation.predictions import check_predictions
from crosswarp.evaluation.tables import COLUMNS
from crosswarp.statistics.temperature import FITTED, PRIOR_SD
from crosswarp.study.metrics import CohortFound, Metrics, read_metrics
from crosswarp.study.run import finish_run
from tests.evaluation.made_predictions import made, rows
from tests.report.fake_run import FakeRun

RESAMPLES = 200


@pytest.fixture
def run(tmp_path: Path) -> Path:
    write_table(tmp_path / "predictions.tsv", FakeRun(repeats=2).predictions())
    return tmp_path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A run of two models and two folds, for what is no matter of their number."""
    strengths = {"cross_attention": 1.5, "jsm_only": 0.5}
    fake = FakeRun(participants=16, folds=2, strengths=strengths)
    write_table(tmp_path / "predictions.tsv", fake.predictions())
    return tmp_path


def test_run_gets_metrics_and_comparisons(run: Path) -> None:
    found = evaluate_run(run, resamples=RESAMPLES)
    metrics = json.loads((run / "metrics.json").read_text())
    assert read_metrics(run) == found.metrics
    assert (metrics["participants"], metrics["scans"]) == (40, 40)
    assert (metrics["repeats"], metrics["folds"]) == (2, 5)
    model = metrics["models"]["cross_attention"]
    assert len(model["cells"]) == 10
    per_fold = [cell["metrics"]["roc_auc"] for cell in model["cells"]]
    assert model["mean"]["roc_auc"] == pytest.approx(np.mean(per_fold))
    assert model["sd"]["roc_auc"] == pytest.approx(np.std(per_fold, ddof=1))
    overall = model["overall"]["roc_auc"]
    # Folds are of one size here, so both ways of averaging agree.
    assert overall["value"] == pytest.approx(np.mean(per_fold))
    assert overall["low"] < overall["value"] < overall["high"]

    table = read_table(run / "comparisons.tsv")
    assert table["model"].tolist() == list(metrics["models"])
    assert table["reference"].unique().tolist() == ["cross_attention"]
    assert table["difference"].isna().tolist() == [True, False, False, False]
    by_model = table.set_index("model")
    assert by_model.loc["t1w_only", "difference"] == pytest.approx(
        by_model.loc["t1w_only", "auc"] - by_model.loc["cross_attention", "auc"]
    )
    others = by_model.drop(index="cross_attention")
    assert (others["p_holm"] >= others["p"]).all()


def test_folds_that_failed_are_said_by_the_evaluation_of_the_others(
    small: Path,
) -> None:
    finish_run(small, ["predictions.tsv"], failed=["cross_attention repeat 1 fold 5"])
    flags = evaluate_run(small, resamples=RESAMPLES).metrics.flags
    assert [flag for flag in flags if "cross_attention repeat 1 fold 5" in flag]
    finish_run(small, ["predictions.tsv"], failed=[])
    flags = evaluate_run(small, resamples=RESAMPLES).metrics.flags
    assert not [flag for flag in flags if "failed in training" in flag]


def test_virtual_participants_are_said_in_both_files(small: Path) -> None:
    found = evaluate_run(small, resamples=RESAMPLES)
    assert found.metrics.note == VIRTUAL_NOTICE
    assert set(read_table(small / "comparisons.tsv")["note"]) == {VIRTUAL_NOTICE}


def test_real_participants_have_no_note() -> None:
    predictions = check_predictions(FakeRun(origin="real").predictions(), "t")
    found = evaluate(predictions, resamples=RESAMPLES)
    assert found.metrics.note is None
    assert found.comparisons["note"].isna().all()


def test_files_are_the_same_each_time_and_in_any_row_order(small: Path) -> None:
    evaluate_run(small, resamples=RESAMPLES, reference="jsm_only")
    first = (
        (small / "comparisons.tsv").read_bytes(),
        (small / "metrics.json").read_bytes(),
    )
    evaluate_run(small, resamples=RESAMPLES, reference="jsm_only")
    again = (
        (small / "comparisons.tsv").read_bytes(),
        (small / "metrics.json").read_bytes(),
    )
    assert first == again
    shuffled = read_table(small / "predictions.tsv").sample(frac=1, random_state=0)
    write_table(small / "predictions.tsv", shuffled)
    evaluate_run(small, resamples=RESAMPLES, reference="jsm_only")
    table = read_table(small / "comparisons.tsv").sort_values(
        "model", ignore_index=True
    )
    write_table(small / "first.tsv", table)
    (small / "again.tsv").write_bytes(first[0])
    expected = read_table(small / "again.tsv").sort_values("model", ignore_index=True)
    pd.testing.assert_frame_equal(table, expected)


def test_intervals_of_a_model_do_not_depend_on_the_others() -> None:
    table = FakeRun().predictions()
    alone = table[table["model"] == "jsm_only"].reset_index(drop=True)
    both = evaluate(check_predictions(table, "t"), resamples=RESAMPLES)
    single = evaluate(check_predictions(alone, "t"), resamples=RESAMPLES)
    name = "jsm_only"
    assert single.metrics.models[name] == both.metrics.models[name]
    assert len(single.comparisons) == 1


def test_unknown_reference_is_refused(run: Path) -> None:
    with pytest.raises(InputError, match=r"no model 'gpt' .* have cross_attention"):
        evaluate_run(run, reference="gpt")


def test_too_few_resamples_are_refused(run: Path) -> None:
    with pytest.raises(InputError, match=r"at least 100 resamples, got 20"):
        evaluate_run(run, resamples=20)


def test_fold_without_one_class_is_left_out_of_the_mean() -> None:
    predictions = made(
        ["CN", "AD", "CN", "AD", "AD"],
        {"a": [0.1, 0.9, 0.8, 0.2, 0.5]},
        [0, 0, 1, 1, 2],
    )
    model = evaluate(predictions, resamples=RESAMPLES).metrics.models["a"]
    assert [cell.metrics["roc_auc"] for cell in model.cells] == [1, 0, None]
    assert model.cells[2].roc is None
    assert model.mean["roc_auc"] == 0.5


def test_no_fold_with_two_classes_still_gives_what_is_defined() -> None:
    predictions = made(["CN", "AD"], {"a": [0.1, 0.9], "b": [0.2, 0.6]}, [0, 1])
    found = evaluate(predictions, resamples=RESAMPLES)
    model = found.metrics.models["a"]
    assert model.overall["roc_auc"] is None
    assert model.mean_roc is None
    assert model.overall["accuracy"].value == 1
    assert found.comparisons["difference"].isna().all()


def test_three_classes_have_areas_of_one_against_the_rest() -> None:
    table = rows(
        ["CN", "AD"] * 9, {"a": [0.2, 0.7] * 9, "b": [0.4, 0.6] * 9}, [0] * 9 + [1] * 9
    )
    table["probability_MCI"] = 0.3
    table[["probability_CN", "probability_AD"]] *= 0.7
    table.loc[table.index % 3 == 0, "diagnosis"] = "MCI"
    order = [name for name in table if not name.startswith("probability")]
    classes = ["probability_CN", "probability_MCI", "probability_AD"]
    predictions = check_predictions(table[[*order, *classes]], "t")
    found = evaluate(predictions, resamples=RESAMPLES)
    assert found.metrics.classes == ("CN", "MCI", "AD")
    model = found.metrics.models["a"]
    assert "sensitivity" not in model.overall
    assert model.overall["accuracy"].value == pytest.approx(12 / 18)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Metrics]:
    """A run with its cohort, its derivatives and validation scans enough to fit on."""
    strengths = {"one": 1.5, "two": 0.8}
    fake = FakeRun(participants=140, strengths=strengths, origin="real")
    run = fake.write(tmp_path_factory.mktemp("whole"))
    cohort = fake.cohort.assign(
        site=["A", "B"] * 70, field_strength_t=["3", "1.5"] * 70
    )
    write_table(run.parent / "cohort.tsv", cohort)
    return run, evaluate_run(run, resamples=RESAMPLES).metrics


def test_every_table_is_written_with_its_columns(whole) -> None:
    run, metrics = whole
    for name, columns in COLUMNS.items():
        table = read_table(run / name, [*columns, "note"])
        assert len(table) > 0, name
        models = set(metrics.models)
        if name != "fold_differences.tsv":
            assert set(table["model"]) == models, name
    folds = read_table(run / "fold_differences.tsv")
    assert len(folds) == 2 * 5


def test_age_sex_and_head_size_stand_beside_the_networks(whole) -> None:
    run, metrics = whole
    assert list(metrics.models) == ["one", "two", "covariates"]
    assert [model.kind for model in metrics.models.values()] == [
        "trained",
        "trained",
        "covariates",
    ]
    covariates = metrics.covariates
    assert covariates.model == "covariates"
    assert set(covariates.differences) == {"one", "two"}
    found = covariates.differences["one"]
    table = read_table(run / "comparisons.tsv").set_index("model")
    assert found.value == pytest.approx(-table.loc["covariates", "difference"])
    assert metrics.cohort == CohortFound(found=True, reason=None)


def test_networks_are_calibrated_on_their_validation_scans(whole) -> None:
    _, metrics = whole
    model = metrics.models["one"]
    for cell in model.cells:
        found = cell.temperature
        assert found.rule == FITTED
        assert found.fitted_on > found.scans  # of the other folds too
        assert 0 < found.log_se < PRIOR_SD
    assert [entry.stage for entry in model.calibration] == ["before", "after"]
    before = model.calibration[0]
    assert before.brier == model.overall["brier"]
    assert before.log_loss == model.overall["log_loss"]
    for entry in model.calibration:
        assert entry.slope.low < entry.slope.value < entry.slope.high
        assert entry.intercept.low < entry.intercept.high


def test_curves_have_bands(whole) -> None:
    _, metrics = whole
    roc, precision = metrics.models["one"].mean_roc, metrics.models["one"].mean_pr
    for low, height, high in zip(
        roc.low, roc.true_positive_rate, roc.high, strict=True
    ):
        assert low <= height + 1e-9
        assert height <= high + 1e-9
    assert precision.prevalence == 0.5
    assert precision.precision[-1] >= 0.5


def test_site_of_one_diagnosis_only_has_no_shift(whole) -> None:
    run, _ = whole
    # FakeRun deals diagnoses like these sites: each has one diagnosis only.
    sites = read_table(run / "sites.tsv")
    assert sites["auc_without"].isna().all()
    assert not sites["flagged"].any()
    groups = read_table(run / "subgroups.tsv", text=["group"])
    assert set(groups["variable"]) == {"sex", "age_band", "site", "field_strength_t"}


def test_run_without_cohort_says_why(small: Path) -> None:
    found = evaluate_run(small, resamples=RESAMPLES)
    assert found.metrics.cohort.reason == "the run has no experiment.yaml"
    assert found.metrics.covariates.model is None
    assert "covariates" not in found.metrics.models
    for name in ("subgroups.tsv", "sites.tsv"):
        assert read_table(small / name).empty
