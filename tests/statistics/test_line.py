"""fit_line: right probabilities on scans that it was not fitted on."""

import numpy as np
import pytest
from scipy.special import expit, logit

from crosswarp.statistics.line import (
    LARGE,
    LINE,
    TEMPERATURE,
    fit_line,
    fit_recalibration_temperature,
)
from crosswarp.statistics.pooled import Pooled


def asked(probability: np.ndarray, positive: np.ndarray) -> Pooled:
    count = len(probability)
    return Pooled("AD", positive, probability, np.arange(count), 1, np.ones(count))


def drawn(
    count: int, slope: float, intercept: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities whose log odds are right after a line."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(0, 2, count)
    return expit(odds), rng.random(count) < expit(intercept + slope * odds)


def test_the_line_that_was_drawn_is_found() -> None:
    found = fit_line(asked(*drawn(4000, 0.5, -0.7)))
    assert (found.method, found.reason) == (LINE, None)
    assert found.slope == pytest.approx(0.5, abs=0.06)
    assert found.intercept == pytest.approx(-0.7, abs=0.12)
    applied = found.apply(np.array([[0.1, 0.9]]))
    expected = expit(found.intercept + found.slope * logit(0.9))
    assert applied[0] == pytest.approx([1 - expected, expected])


def test_a_line_never_turns_the_ranking_round() -> None:
    found = fit_line(asked(*drawn(400, -0.5, 0.3)))
    assert (found.method, found.slope) == (LARGE, 1)
    assert "not above 0" in str(found.reason)


def test_separated_classes_get_an_intercept_alone() -> None:
    probability = np.r_[np.linspace(0.1, 0.4, 20), np.linspace(0.5, 0.9, 20)]
    found = fit_line(asked(probability, np.arange(40) >= 20))
    assert (found.method, found.slope) == (LARGE, 1)
    assert "separated" in str(found.reason)


def test_too_few_are_left_as_they_are() -> None:
    probability = np.linspace(0.1, 0.9, 24)
    found = fit_line(asked(probability, np.arange(24) >= 15))
    assert found.method is None
    assert "fewer than 10 participants" in str(found.reason)
    both = np.column_stack([1 - probability, probability])
    assert (found.apply(both) == both).all()


def test_several_classes_get_a_temperature() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1, (600, 3))
    right = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = np.array([rng.choice(3, p=p) for p in right])
    sure = np.exp(3 * logits) / np.exp(3 * logits).sum(axis=1, keepdims=True)
    found = fit_recalibration_temperature(truth, sure, np.ones(600))
    assert found.method == TEMPERATURE
    assert found.temperature == pytest.approx(3, rel=0.15)
    assert found.apply(sure)[0] == pytest.approx(right[0], abs=0.05)
    few = fit_recalibration_temperature(truth[:12], sure[:12], np.ones(12))
    assert few.method is None
