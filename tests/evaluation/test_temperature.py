"""Temperature scaling: known temperatures are found again."""

import numpy as np
import pytest

from crosswarp.evaluation.temperature import LIMITS, fit_temperature, scale


def drawn(temperature: float, classes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Scans whose probabilities are right, then made too sure by a temperature."""
    rng = np.random.default_rng(12)
    logits = rng.normal(0, 1.5, (20_000, classes))
    right = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    cumulated = right.cumsum(axis=1)
    truth = (rng.random((len(right), 1)) > cumulated[:, :-1]).sum(axis=1)
    sure = np.exp(logits * temperature)
    return truth, sure / sure.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("classes", [2, 3])
def test_known_temperature_is_found(temperature: float, classes: int) -> None:
    truth, probabilities = drawn(temperature, classes)
    found = fit_temperature(truth, probabilities)
    assert found.value == pytest.approx(temperature, rel=0.04)
    assert found.rule == "fitted on validation"
    assert found.is_fitted


def test_it_is_where_the_log_loss_is_flat() -> None:
    truth, probabilities = drawn(2.0)
    found = fit_temperature(truth, probabilities).value

    def loss(temperature: float) -> float:
        scaled = scale(probabilities, temperature)
        return float(-np.log(scaled[np.arange(len(truth)), truth]).mean())

    assert loss(found) < min(loss(found * 1.02), loss(found / 1.02))


def test_scans_told_apart_without_error_stop_at_the_limit() -> None:
    truth = np.array([0, 1] * 10)
    probabilities = np.where(truth[:, None] == [0, 1], 0.7, 0.3)
    found = fit_temperature(truth, probabilities)
    assert found.value == pytest.approx(LIMITS[0], rel=0.01)
    assert found.rule == "fitted on validation, at its limit"


def test_few_validation_scans_fit_nothing() -> None:
    truth = np.array([0] * 30 + [1] * 9)
    found = fit_temperature(truth, np.full((39, 2), 0.5))
    assert (found.value, found.is_fitted, found.scans) == (1.0, False, 39)


def test_scaling_keeps_the_order_and_certainty() -> None:
    probabilities = np.array([[1.0, 0.0], [0.3, 0.7], [0.6, 0.4]])
    np.testing.assert_allclose(scale(probabilities, 1.0), probabilities, atol=1e-12)
    warm = scale(probabilities, 4.0)
    assert np.isfinite(warm).all()
    np.testing.assert_allclose(warm.sum(axis=1), 1)
    assert (np.argsort(warm[:, 1]) == np.argsort(probabilities[:, 1])).all()
    assert warm[1, 1] < 0.7
