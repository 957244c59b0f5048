"""What is said aloud about the design."""

import numpy as np
import pandas as pd
import pytest

from crosswarp.evaluation.cells import cells_of, people_of
from crosswarp.evaluation.context import Context
from crosswarp.evaluation.flags import (
    failed_flags,
    fold_flags,
    join_flags,
    red_flags,
    result_flags,
    site_flags,
)
from crosswarp.statistics.intervals import Estimate
from crosswarp.study.metrics import (
    CovariateDifference,
    CovariateModel,
    Metrics,
    VolumeModels,
)
from crosswarp.study.model_metrics import ModelMetrics
from crosswarp.study.records import RunRecord
from tests.evaluation.made_predictions import made


def flags(
    count: int, folds: list[int], diagnoses: list[str] | None = None
) -> list[str]:
    diagnoses = diagnoses or ["CN", "AD"] * (count // 2)
    predictions = made(diagnoses, {"a": np.linspace(0.1, 0.9, count)}, folds)
    people = people_of(predictions)
    return red_flags(predictions, cells_of(predictions, "a", people), people)


def test_folds_that_failed_in_training_are_said() -> None:
    failed = ("fused repeat 0 fold 1", "fused repeat 0 fold 2")
    (flag,) = failed_flags(RunRecord(failed=failed))
    assert flag.startswith("2 folds of models failed in training and are not in these")
    assert "fused repeat 0 fold 1, fused repeat 0 fold 2. `crosswarp compare`" in flag
    assert failed_flags(RunRecord()) == []


def test_sound_design_has_no_flag() -> None:
    assert flags(60, [0, 0, 1, 1, 2, 2] * 10) == []


def test_small_folds_and_few_people_are_said() -> None:
    few, people = flags(16, [0, 0, 1, 1] * 4)
    assert few.startswith("2 of 2 folds have fewer than 5 test scans of a class")
    assert people.startswith("16 participants: intervals")


def test_fold_of_one_class_is_named() -> None:
    diagnoses = ["CN", "AD"] * 30 + ["AD", "AD"]
    (flag,) = flags(62, [0] * 60 + [1, 1], diagnoses)
    assert flag == "No AUC where a class has no test scan: repeat 0 fold 1."


def results(
    auc: float, classes: list[str], alone: tuple[float, float] = (0.5, 0.3)
) -> Metrics:
    areas = {"network": (auc, auc - 0.1), "covariates": alone}
    return Metrics.model_construct(
        classes=tuple(classes),
        models={
            name: ModelMetrics.model_construct(
                overall={"roc_auc": Estimate(v, low, v + 0.02)}
            )
            for name, (v, low) in areas.items()
        },
        covariates=beside_covariates(0.1),
        volumes=VolumeModels(),
    )


def beside_covariates(low: float) -> CovariateModel:
    return CovariateModel(
        model="covariates",
        features=("age_years", "sex", "brain_volume_cm3"),
        differences={"network": CovariateDifference(value=0.3, low=low, high=0.5)},
    )


@pytest.mark.parametrize(
    ("classes", "auc", "said"),
    [
        (["CN", "AD"], 0.951, True),
        (["CN", "AD"], 0.95, False),
        (["CN", "MCI"], 0.801, True),
        (["CN", "MCI"], 0.80, False),
        (["MCI", "AD"], 0.99, False),
        (["CN", "MCI", "AD"], 0.99, False),
    ],
)
def test_too_good_to_believe(classes: list[str], auc: float, said: bool) -> None:
    found = result_flags(results(auc, classes), has_real=True)
    assert [flag.startswith(f"network: AUC {auc:.3f} is above") for flag in found] == (
        [True] if said else []
    )
    assert result_flags(results(auc, classes), has_real=False) == []


def test_groups_that_differ_in_age_are_said() -> None:
    (flag,) = result_flags(results(0.9, ["CN", "AD"], (0.7, 0.6)), has_real=True)
    assert flag == (
        "Age, sex and head size alone reach an AUC of 0.700 [0.600, 0.720]: groups"
        " differ in them."
    )


def test_network_no_better_than_age_is_said() -> None:
    metrics = results(0.7, ["CN", "AD"])
    metrics = metrics.with_changes(covariates=beside_covariates(-0.01))
    (flag,) = result_flags(metrics, has_real=False)
    assert flag.startswith("network is not shown to be better than age, sex and head")
    assert "(difference in AUC +0.300 [-0.010, +0.500])" in flag


def test_networks_no_better_than_the_hippocampus_are_named() -> None:
    beside = {
        name: CovariateDifference(value=0.05, low=low, high=0.2)
        for name, low in {
            "network": -0.1,
            "better": 0.01,
            "unknown": None,
            "covariates": -0.4,
            "hippocampal_ventricular_volume": -0.1,
        }.items()
    }
    known = ("hippocampal_volume", "hippocampal_ventricular_volume")
    volumes = VolumeModels(models=known, differences={known[0]: beside, known[1]: {}})
    metrics = results(0.7, ["CN", "AD"]).with_changes(volumes=volumes)
    (flag,) = result_flags(metrics, has_real=False)
    assert flag == (
        "Not shown to be better than hippocampal_volume alone (difference in AUC):"
        " network (+0.050 [-0.100, +0.200])."
    )
    only = VolumeModels(models=known[:1], differences={known[0]: {}})
    assert result_flags(metrics.with_changes(volumes=only), has_real=False) == []


def test_no_baseline_and_no_auc_say_nothing() -> None:
    metrics = results(0.99, ["CN", "AD"])
    undefined = ModelMetrics.model_construct(overall={"roc_auc": None})
    metrics = metrics.with_changes(
        covariates=CovariateModel(model=None),
        models=dict.fromkeys(metrics.models, undefined),
    )
    assert result_flags(metrics, has_real=True) == []


def dealt() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "repeat": 0,
            "fold": [0, 0, 1, 1] * 2,
            "participant_id": [f"sub-{i:03d}" for i in (0, 1, 2, 3, 2, 3, 0, 1)],
            "split": ["test"] * 4 + ["train"] * 4,
        }
    )


PREDICTED = made(["CN", "AD"] * 2, {"a": [0.1, 0.9, 0.3, 0.6]}, [0, 0, 1, 1])


def test_predictions_that_follow_the_folds_have_no_flag() -> None:
    assert fold_flags(PREDICTED, dealt()) == []
    assert fold_flags(PREDICTED, None) == []


def test_training_on_test_scans_is_said() -> None:
    folds = dealt()
    folds.loc[0, "split"] = "train"
    (flag,) = fold_flags(PREDICTED, folds)
    assert flag.startswith("Trained on and then scored in the same fold")
    assert flag.endswith("sub-000.")


def test_someone_in_two_parts_of_a_fold_is_said() -> None:
    both = dealt().iloc[[0]].assign(split="train")
    flags = fold_flags(PREDICTED, pd.concat([dealt(), both]))
    assert flags[0] == (
        "The fold table has a participant in two parts of one fold: sub-000."
    )


def test_other_folds_than_the_tables_are_said() -> None:
    folds = dealt()
    folds["fold"] = 1 - folds["fold"]
    folds = folds[folds["split"] == "test"]
    (flag,) = fold_flags(PREDICTED, folds)
    assert flag.startswith("The predictions do not follow the fold table")
    many = made(["CN", "AD"] * 4, {"a": [0.5] * 8}, [0] * 8)
    (flag,) = fold_flags(many, folds.iloc[:0])
    assert flag.endswith("sub-004 and 3 more.")


def test_site_that_moves_the_result_is_named() -> None:
    row = {
        "model": "a",
        "site": "Oslo",
        "auc": 0.9,
        "auc_without": 0.6,
        "chance_low": -0.1,
        "chance_high": 0.1,
    }
    rows = [{**row, "flagged": flagged} for flagged in (False, True)]
    (flag,) = site_flags(rows)
    assert flag == (
        "a: AUC is 0.900, and 0.600 without Oslo; leaving out as many others at random"
        " gives a change of -0.100 to +0.100."
    )


def test_scans_that_cohort_or_ledger_do_not_know_are_named() -> None:
    predictions = made(["CN", "AD"] * 2, {"a": np.linspace(0.1, 0.9, 4)}, [0, 0, 1, 1])
    scans = predictions.table[["participant_id", "session_id"]].drop_duplicates()
    known = scans.set_index(["participant_id", "session_id"]).assign(
        brain_volume_cm3=[1400.0, np.nan, 1300.0, 1500.0]
    )
    assert join_flags(predictions, Context()) == []
    assert join_flags(predictions, Context(known.iloc[[0, 2, 3]], None, None)) == [
        "1 of 4 predicted scans are not in the cohort table, so that nothing is known"
        f" of them: {' '.join(known.index[1])}."
    ]
    assert join_flags(predictions, Context(known, None, None)) == [
        "The ledger of preprocessing has no head size of 1 of 4 predicted scans:"
        f" {' '.join(known.index[1])}."
    ]
    whole = Context(known.drop(columns="brain_volume_cm3"), None, None)
    assert join_flags(predictions, whole) == []
