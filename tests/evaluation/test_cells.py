"""Cells: who was scored by which network."""

import numpy as np
import pandas as pd
import pytest

from crosswarp.evaluation.cells import cells_of, people_of
from crosswarp.evaluation.predictions import check_predictions
from tests.evaluation.made_predictions import made, rows


def test_strata_are_fold_and_diagnosis() -> None:
    predictions = made(
        ["CN", "AD", "CN", "AD"], {"a": [0.1, 0.9, 0.2, 0.8]}, [0, 0, 1, 1]
    )
    people = people_of(predictions)
    assert people.ids == ("sub-000", "sub-001", "sub-002", "sub-003")
    assert people.strata == ("0 CN", "0 AD", "1 CN", "1 AD")


def test_converter_keeps_both_diagnoses_in_one_stratum() -> None:
    table = rows(["CN", "AD"], {"a": [0.1, 0.9]}, [0, 0])
    later = table.iloc[[0]].assign(session_id="ses-M24", diagnosis="AD")
    people = people_of(
        check_predictions(pd.concat([table, later], ignore_index=True), "t")
    )
    assert people.strata == ("0 AD+CN", "0 AD")


def test_threshold_comes_from_the_validation_rows_of_the_same_fold() -> None:
    diagnoses = ["CN", "AD"] * 24
    positive = np.tile([0.70, 0.90], 24)
    folds = np.repeat([0, 1], 24)
    tested = rows(diagnoses, {"a": positive}, folds)
    # Who is tested in one fold is validated in the other.
    validated = rows(diagnoses, {"a": positive}, 1 - folds, split="val")
    other = validated["fold"] == 1
    validated.loc[other, "probability_AD"] -= 0.45
    validated["probability_CN"] = 1 - validated["probability_AD"]
    predictions = check_predictions(
        pd.concat([tested, validated], ignore_index=True), "t"
    )
    first, second = cells_of(predictions, "a", people_of(predictions))
    assert first.threshold is not None
    assert second.threshold is not None
    assert np.isclose(first.threshold.value, 0.8)
    assert np.isclose(second.threshold.value, 0.35)
    assert first.decided.tolist() == [0, 1] * 12
    assert second.decided.tolist() == [1, 1] * 12


def test_scans_of_every_model_stand_in_one_order() -> None:
    table = rows(
        ["CN", "AD", "CN", "AD"],
        {"a": [0.1, 0.9, 0.2, 0.8], "b": [0.4] * 4},
        [0, 0, 1, 1],
    )
    shuffled = table.sample(frac=1, random_state=3).reset_index(drop=True)
    predictions = check_predictions(shuffled, "t")
    people = people_of(predictions)
    a, b = (cells_of(predictions, model, people) for model in ("a", "b"))
    for one, other in zip(a, b, strict=True):
        assert one.participants.tolist() == other.participants.tolist()
        assert one.truth.tolist() == other.truth.tolist()
    assert a[1].probabilities[:, 1].tolist() == pytest.approx([0.2, 0.8])


def test_saturated_probabilities_keep_their_order() -> None:
    # In nine digits all three read 1; what is left for the other class tells.
    table = rows(["CN", "AD", "AD"], {"a": [1.0, 1.0, 1.0]}, [0, 0, 0])
    table["probability_CN"] = [3e-12, 1e-12, 2e-12]
    predictions = check_predictions(table, "t")
    (cell,) = cells_of(predictions, "a", people_of(predictions))
    ((_, ranks),) = cell.problems()
    assert ranks.tolist() == [1, 3, 2]
