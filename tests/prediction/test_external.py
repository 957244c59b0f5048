"""evaluate_cohort: what training left is carried over, and the shift is stated."""

from pathlib import Path

import numpy as np
import pytest

from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import InputError, MissingDerivativeError, MixedError
from crosswarp.prediction.answers import (
    LEFT_OUT,
)
from crosswarp.prediction.external import evaluate_cohort, is_cohort_prediction
from crosswarp.prediction.recalibrate import NOT_ASKED, Drawing
from crosswarp.prediction.shift import NO_DISTANCE, NO_MAPS, NO_SUMMARY
from crosswarp.statistics.line import LINE
from crosswarp.study.external import External, read_external
from crosswarp.study.names import COHORT, PREDICTIONS
from crosswarp.verification.predictions import verify_cohort_records
from crosswarp.verification.records import Place
from tests.prediction.made_answers import FAST, NETWORKS, Made


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


def shift(found: External, variable: str, level: str | None = None) -> object:
    (row,) = (r for r in found.shift if (r.variable, r.level) == (variable, level))
    return row


def test_decisions_are_those_at_the_thresholds_of_training(made: Made) -> None:
    found = evaluate_cohort(made.write(), drawing=FAST).found
    table = read_table(made.out / PREDICTIONS)
    truth = read_table(made.out / COHORT)["diagnosis"]
    right = table["decision"] == truth
    point = found.operating_point
    assert point is not None
    assert point.sensitivity is not None
    assert point.specificity is not None
    assert point.sensitivity.value == pytest.approx(right[truth == "AD"].mean())
    assert point.specificity.value == pytest.approx(right[truth == "CN"].mean())
    assert point.sensitivity.low < point.sensitivity.value < point.sensitivity.high
    assert (point.thresholds, point.divided) == ((0.4, 0.6), 3)
    assert any("divided on 3 scans" in flag for flag in found.flags)
    auc = found.metrics.overall["roc_auc"]
    assert auc is not None
    assert auc.low < auc.value < auc.high
    assert read_external(made.out) == found
    assert is_cohort_prediction(made.out)


def test_a_part_is_recalibrated_on_and_left_out_of_what_follows(made: Made) -> None:
    evaluation = evaluate_cohort(made.write(), drawing=Drawing(0.5, 100, seed=3))
    found, table = evaluation.found, evaluation.tables["calibration.tsv"]
    part = found.recalibration
    assert (part.participants, part.scans, part.method) == (40, 40, LINE)
    by_stage = {entry.stage: entry for entry in found.calibration}
    assert list(by_stage) == ["before", "rest_before", "rest_after"]
    scans = table.groupby("stage")["scans"].sum()
    assert scans.to_dict() == {"before": 80, "rest_before": 40, "rest_after": 40}
    before, after = by_stage["rest_before"], by_stage["rest_after"]
    assert before.slope is not None
    assert after.slope is not None
    assert before.slope.value < 0.7
    assert abs(after.slope.value - 1) < abs(before.slope.value - 1)
    assert before.brier is not None
    assert after.brier is not None
    assert after.brier.value < before.brier.value
    assert any("too extreme on this cohort" in flag for flag in found.flags)


def test_no_part_and_a_part_that_is_too_small(made: Made) -> None:
    out = made.write()
    found = evaluate_cohort(out, drawing=Drawing(0.0, 100)).found
    assert found.recalibration.reason == NOT_ASKED
    assert [entry.stage for entry in found.calibration] == ["before"]
    found = evaluate_cohort(out, drawing=Drawing(0.1, 100)).found
    assert found.recalibration.method is None
    assert "fewer than 10 participants" in str(found.recalibration.reason)
    with pytest.raises(InputError, match="`recalibrate` must be from 0 to less than 1"):
        Drawing(1.0)
    with pytest.raises(InputError, match="at least 100 resamples"):
        Drawing(resamples=5)


def test_the_shift_from_the_training_cohort_is_stated(made: Made) -> None:
    evaluation = evaluate_cohort(made.write(), drawing=FAST)
    found = evaluation.found
    age = shift(found, "age_years")
    mean = np.mean([75 + n % 7 for n in range(80)])
    sd = np.std([75 + n % 7 for n in range(80)], ddof=1)
    assert age.external == pytest.approx(mean)
    assert age.difference == pytest.approx((mean - 70) / np.sqrt((sd**2 + 25) / 2))
    assert (shift(found, "site", "a").training, shift(found, "site", "b").remark) == (
        1.0,
        "not in the training cohort",
    )
    assert shift(found, "sex", "F").difference == pytest.approx(0)
    assert shift(found, "field_strength_t", "3").external == 1.0
    assert shift(found, "overlap").difference < -1
    assert shift(found, "embedding_distance").external == 2.0
    assert found.far is not None
    assert (found.far.share, found.far.high) == pytest.approx((1.0, 1.0))
    assert found.unstated == ()
    assert any("age_years, overlap" in flag for flag in found.flags)
    assert any("100% of the participants lie beyond" in flag for flag in found.flags)
    table = read_table(made.out / "shift.tsv")
    assert len(table) == len(found.shift)
    groups = evaluation.tables["subgroups.tsv"]
    assert {"sex", "age_band", "site"} <= set(groups["variable"])
    assert groups["sensitivity"].notna().all()


def test_what_an_old_bundle_does_not_say_is_said(made: Made) -> None:
    changes = {"training": None, "maps_known": False, "embedding_scans": None}
    made.networks = NETWORKS.model_copy(update=changes)
    made.place = None
    found = evaluate_cohort(made.write(), drawing=FAST).found
    assert found.unstated == (NO_SUMMARY, NO_DISTANCE, NO_MAPS)
    age = shift(found, "age_years")
    assert (age.training, age.difference) == (None, None)
    assert age.remark == "not known of the training cohort"
    assert shift(found, "site").remark == "not known of the training cohort"
    assert found.far is None


def test_scans_that_are_not_evaluated_are_counted(made: Made) -> None:
    made.extra = [("sub-MCI", "MCI"), ("sub-bad", "failed"), ("sub-in", LEFT_OUT)]
    out = made.write()
    known = read_table(out / COHORT)
    write_table(out / "known.tsv", known[known["participant_id"] != "sub-000"])
    found = evaluate_cohort(out, out / "known.tsv", FAST).found
    assert found.not_evaluated == {
        "it has no prediction": 1,
        "its diagnosis is MCI, which the networks do not know": 1,
        "its diagnosis is not known": 1,
        "left out, since it was trained on": 1,
    }
    assert (found.participants, found.scans) == (79, 79)
    assert any("1 of 83 scans have no prediction" in flag for flag in found.flags)


def test_someone_with_several_scans_counts_once(made: Made) -> None:
    made.sessions = ("ses-1", "ses-2")
    made.same_names = 5
    found = evaluate_cohort(made.write(), drawing=FAST).found
    assert (found.participants, found.scans) == (80, 160)
    assert any("5 participants have the name of one" in flag for flag in found.flags)
    assert shift(found, "age_years").external_sd is not None


def test_a_cohort_of_one_class_has_no_auc(made: Made) -> None:
    made.labels, made.people = ("CN",), 12
    found = evaluate_cohort(made.write(), drawing=FAST).found
    assert found.metrics.overall["roc_auc"] is None
    point = found.operating_point
    assert point is not None
    assert point.sensitivity is None
    assert point.specificity is not None
    assert found.recalibration.method is None
    assert any("the cohort has CN alone" in flag for flag in found.flags)
    assert any("only 12 participants" in flag for flag in found.flags)


def test_three_classes_have_a_temperature_and_no_threshold(made: Made) -> None:
    classes = ("CN", "MCI", "AD")
    made.networks = NETWORKS.model_copy(update={"classes": classes, "thresholds": ()})
    made.labels, made.people, made.divided = classes, 90, 0
    found = evaluate_cohort(made.write(), drawing=Drawing(0.5, 100)).found
    assert found.operating_point is None
    assert found.recalibration.method == "temperature"
    assert found.recalibration.temperature > 1.2
    assert len(found.metrics.by_class) == 3
    assert found.networks.thresholds == ()


def test_without_diagnoses_the_needed_columns_are_named(
    made: Made, tmp_path: Path
) -> None:
    made.diagnoses = "a folder of maps has no diagnoses"
    out = made.write()
    with pytest.raises(
        InputError, match="`diagnoses=TABLE`, a table with the columns participant_id,"
    ):
        evaluate_cohort(out)
    table = tmp_path / "some.tsv"
    table.write_text("participant_id\tsession_id\nsub-000\tn/a\n")
    with pytest.raises(InputError, match="lacks diagnosis"):
        evaluate_cohort(out, table)
    table.write_text("participant_id\tsession_id\tdiagnosis\nsub-x\tn/a\tAD\n")
    with pytest.raises(
        InputError, match=r"no scan in .* \(80: its diagnosis is not known"
    ):
        evaluate_cohort(out, table)


def test_predictions_that_have_changed_are_refused(made: Made) -> None:
    out = made.write()
    evaluate_cohort(out, drawing=FAST)
    (out / PREDICTIONS).write_text((out / PREDICTIONS).read_text() + "\n")
    place = Place(out, out)
    assert [(f.path, f.kind) for f in verify_cohort_records(place)] == [
        (PREDICTIONS, "damaged"),
        ("external.json", "mixed"),
    ]
    with pytest.raises(MixedError, match=r"not made from the present predictions\.tsv"):
        read_external(out)
    with pytest.raises(MixedError, match=r"crosswarp predict BUNDLE COHORT .* again"):
        evaluate_cohort(out)
    with pytest.raises(MissingDerivativeError, match=r"no external\.json"):
        read_external(out / "nothing")


def test_the_same_seed_gives_the_same_files(made: Made) -> None:
    out = made.write()
    names = ("external.json", "shift.tsv", "calibration.tsv", "subgroups.tsv")
    evaluate_cohort(out, drawing=FAST)
    before = [(out / name).read_bytes() for name in names]
    evaluate_cohort(out, drawing=FAST)
    assert [(out / name).read_bytes() for name in names] == before
