"""Temperature and threshold of a bundle, from the validation rows of its cell alone."""

import numpy as np
import pandas as pd

from crosswarp.statistics.temperature import TOO_FEW, fit_temperature
from crosswarp.statistics.thresholds import choose_threshold
from crosswarp.training.calibration import MOST_PROBABLE, calibration_of


def table(each: int, classes: tuple[str, ...] = ("CN", "AD")) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    truth = np.repeat(np.arange(len(classes)), each)
    logits = rng.normal(size=(len(truth), len(classes)))
    logits[np.arange(len(truth)), truth] += 1
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    rows = pd.DataFrame(
        {
            "split": "val",
            "participant_id": [f"sub-{n:03d}" for n in range(len(truth))],
            "diagnosis": [classes[number] for number in truth],
        }
    )
    return rows.assign(
        **{f"probability_{name}": shares[:, n] for n, name in enumerate(classes)}
    )


def test_only_validation_rows_count() -> None:
    val = table(15)
    tested = val.assign(split="test", diagnosis=val["diagnosis"].to_numpy()[::-1])
    found = calibration_of(pd.concat([val, tested]), ("CN", "AD"))
    truth = (val["diagnosis"] == "AD").to_numpy()
    probabilities = val[["probability_CN", "probability_AD"]].to_numpy()
    expected = fit_temperature(truth.astype(int), probabilities)
    assert found.temperature == expected.value
    assert found.temperature_log_se == expected.log_se
    assert found.threshold == choose_threshold(truth, probabilities[:, 1]).value
    assert found.validation_scans == 30


def test_scans_of_one_person_are_not_enough_people() -> None:
    val = table(15)
    found = calibration_of(val.assign(participant_id="sub-001"), ("CN", "AD"))
    assert found.temperature_rule == TOO_FEW
    assert found.threshold == 0.5
    assert "too few" in found.threshold_rule


def test_three_classes_have_no_threshold() -> None:
    classes = ("CN", "MCI", "AD")
    found = calibration_of(table(12, classes), classes)
    assert found.threshold is None
    assert found.threshold_rule == MOST_PROBABLE
    assert found.temperature_log_se is not None


def test_without_validation_nothing_is_fitted() -> None:
    found = calibration_of(table(3).assign(split="test"), ("CN", "AD"))
    assert (found.temperature, found.validation_scans) == (1.0, 0)
