"""Calibration slope and intercept: scikit-learn's numbers, and intervals that hold."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from crosswarp.statistics.pooled import Pooled, pool
from crosswarp.statistics.recalibration import recalibration_of
from tests.evaluation.made_predictions import cell

CLASSES = ("CN", "AD")


def question(truth: np.ndarray, probability: np.ndarray) -> Pooled:
    (asked,) = pool([cell(truth.astype(int).tolist(), probability)], CLASSES)
    return asked


def drawn(
    rng: np.random.Generator, scans: int, intercept: float, slope: float
) -> Pooled:
    logits = rng.normal(0, 1.5, scans)
    truth = rng.random(scans) < expit(intercept + slope * logits)
    return question(truth, expit(logits))


def test_slope_and_intercept_are_scikit_learns(rng: np.random.Generator) -> None:
    asked = drawn(rng, 80, 0.3, 0.6)
    found = recalibration_of(asked)
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(
        logit(asked.probability)[:, None], asked.positive
    )
    assert found.slope is not None
    assert found.intercept is not None
    assert found.slope.value == pytest.approx(model.coef_[0, 0], abs=1e-4)
    assert found.intercept.value == pytest.approx(model.intercept_[0], abs=1e-4)


def test_in_the_large_by_hand() -> None:
    """All are given 0.5 and 3 of 4 have it: log odds of 0.75."""
    found = recalibration_of(question(np.array([1, 1, 1, 0]), np.full(4, 0.5)))
    assert found.in_the_large is not None
    assert found.in_the_large.value == pytest.approx(np.log(3))
    assert found.slope is None  # no two probabilities differ


def test_intervals_hold_what_is_true() -> None:
    rng = np.random.default_rng(4)
    slopes = intercepts = 0
    for _ in range(300):
        found = recalibration_of(drawn(rng, 100, 0.3, 0.5))
        assert found.slope is not None
        assert found.intercept is not None
        slopes += found.slope.low <= 0.5 <= found.slope.high
        intercepts += found.intercept.low <= 0.3 <= found.intercept.high
    # 285 expected, standard error 3.8.
    assert slopes >= 273
    assert intercepts >= 273


def test_repeats_and_scans_of_one_person_make_nothing_more_certain(
    rng: np.random.Generator,
) -> None:
    asked = drawn(rng, 60, 0.0, 1.0)
    twice = replace(
        asked,
        positive=np.repeat(asked.positive, 2),
        probability=np.repeat(asked.probability, 2),
        participants=np.repeat(asked.participants, 2),
        shares=np.full(120, 0.5),
    )
    once, again = recalibration_of(asked), recalibration_of(twice)
    assert once.slope is not None
    assert again.slope is not None
    assert again.slope.low == pytest.approx(once.slope.low, abs=1e-6)
    assert again.slope.high == pytest.approx(once.slope.high, abs=1e-6)


@pytest.mark.parametrize("truth", [[0, 0, 1, 1], [1, 1, 0, 0]])
def test_no_slope_without_an_error(truth: list[int]) -> None:
    found = recalibration_of(question(np.array(truth), np.array([0.1, 0.2, 0.8, 0.9])))
    assert found.slope is None
    assert found.intercept is None
    assert found.in_the_large is not None


@pytest.mark.parametrize("spread", [0.0, 1e-16, 1e-12, 1e-8])
def test_no_slope_of_one_probability_but_for_its_last_digits(
    spread: float, rng: np.random.Generator
) -> None:
    truth = np.array([1, 0, 0, 1, 0, 0] * 3)
    found = recalibration_of(question(truth, 0.3 + spread * rng.normal(size=18)))
    assert found.slope is None
    assert found.intercept is None
    assert found.in_the_large is not None
    assert found.in_the_large.value == pytest.approx(logit(1 / 3) - logit(0.3))


def test_one_diagnosis_says_nothing() -> None:
    found = recalibration_of(question(np.ones(3), np.array([0.1, 0.5, 0.9])))
    assert found.in_the_large is None


def test_probabilities_of_nearly_one_are_borne() -> None:
    truth = np.array([0, 1] * 10)
    sure = np.where(truth == 1, 1 - 1e-14, 1e-14)
    sure[:2] = sure[1::-1]  # two errors, of which the model was sure
    found = recalibration_of(question(truth, sure))
    assert found.slope is not None
    assert 0 < found.slope.value < 0.2
    assert found.in_the_large is not None
    assert np.isfinite(found.in_the_large.value)
