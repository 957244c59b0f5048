"""Temperature scaling: known temperatures are found again, few scans change little."""

import numpy as np
import pytest
from scipy.special import expit, log_expit

from crosswarp.statistics.temperature import (
    FITTED,
    PRIOR_SD,
    TOO_FEW,
    Temperature,
    combined,
    fit_temperature,
    scale,
)


def drawn(temperature: float, classes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Scans whose probabilities are right, then made too sure by a temperature."""
    rng = np.random.default_rng(12)
    logits = rng.normal(0, 1.5, (20_000, classes))
    right = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    cumulated = right.cumsum(axis=1)
    truth = (rng.random((len(right), 1)) > cumulated[:, :-1]).sum(axis=1)
    sure = np.exp(logits * temperature)
    return truth, sure / sure.sum(axis=1, keepdims=True)


def two_columns(logits: np.ndarray) -> np.ndarray:
    return np.column_stack([expit(-logits), expit(logits)])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("classes", [2, 3])
def test_known_temperature_is_found(temperature: float, classes: int) -> None:
    truth, probabilities = drawn(temperature, classes)
    found = fit_temperature(truth, probabilities)
    assert found.value == pytest.approx(temperature, rel=0.04)
    assert found.rule == FITTED
    assert found.is_fitted
    assert found.log_se is not None
    assert abs(np.log(found.value / temperature)) < 3 * found.log_se


def test_it_is_where_log_loss_and_prior_are_least() -> None:
    truth, probabilities = (part[:60] for part in drawn(2.0))
    found = fit_temperature(truth, probabilities).value

    def cost(temperature: float) -> float:
        scaled = scale(probabilities, temperature)
        loss = -np.log(scaled[np.arange(len(truth)), truth]).sum()
        return float(loss + np.log(temperature) ** 2 / (2 * PRIOR_SD**2))

    assert cost(found) < min(cost(found * 1.02), cost(found / 1.02))


def test_twenty_scans_told_apart_without_error_do_not_make_it_certain() -> None:
    truth = np.array([0, 1] * 10)
    probabilities = np.where(truth[:, None] == [0, 1], 0.7, 0.3)
    found = fit_temperature(truth, probabilities)
    assert found.value > 0.3
    assert scale(np.array([[0.1, 0.9]]), found.value)[0, 1] < 0.999


def test_a_model_that_is_right_stays_about_right() -> None:
    """12 scans of each class, 400 times; `benchmarks/temperature.py` has the rest."""
    rng = np.random.default_rng(0)
    distance = 2.6  # AUC 0.967
    truth = np.repeat([0, 1], 12)
    test = np.repeat([0, 1], 2000)
    logits = distance * (rng.normal(size=4000) + distance * (test - 0.5))
    signed = np.where(test == 1, logits, -logits)
    before = -log_expit(signed).mean()
    after = []
    for _ in range(400):
        few = distance * (rng.normal(size=24) + distance * (truth - 0.5))
        found = fit_temperature(truth, two_columns(few)).value
        after.append(-log_expit(signed / found).mean())
    assert np.mean(after) < before + 0.015
    assert np.max(after) < before + 0.06


def test_few_validation_scans_fit_nothing() -> None:
    truth = np.array([0] * 30 + [1] * 9)
    found = fit_temperature(truth, np.full((39, 2), 0.5))
    assert found == Temperature(1.0, TOO_FEW, 39)
    assert not found.is_fitted


def test_scans_of_one_person_are_not_several_people() -> None:
    truth, probabilities = (part[:40] for part in drawn(2.0))
    once = fit_temperature(truth, probabilities)
    twice = fit_temperature(
        np.repeat(truth, 2), np.repeat(probabilities, 2, axis=0), np.full(80, 0.5)
    )
    assert twice.value == pytest.approx(once.value)
    assert twice.log_se == pytest.approx(once.log_se)
    few = fit_temperature(
        np.repeat([0, 1], 12), np.full((24, 2), 0.5), np.full(24, 0.5)
    )
    assert few.rule == TOO_FEW


def test_networks_together_are_more_certain_than_each() -> None:
    parts = [
        fit_temperature(*(part[start : start + 200] for part in drawn(2.0)))
        for start in (0, 200, 400)
    ]
    whole = fit_temperature(*(part[:600] for part in drawn(2.0)))
    found = combined(parts)
    assert found.value == pytest.approx(whole.value, rel=0.05)
    assert found.log_se == pytest.approx(whole.log_se, rel=0.1)
    assert (found.scans, found.fitted_on) == (600, 600)


def test_one_network_alone_keeps_its_temperature() -> None:
    alone = fit_temperature(*(part[:100] for part in drawn(2.0)))
    found = combined([alone, Temperature(1.0, TOO_FEW, 5)])
    assert found.value == pytest.approx(alone.value)
    assert found.log_se == pytest.approx(alone.log_se)
    assert found.scans == 105
    assert combined([Temperature(1.0, TOO_FEW, 5)]) == Temperature(1.0, TOO_FEW, 5)


def test_scaling_keeps_the_order_and_certainty() -> None:
    probabilities = np.array([[1.0, 0.0], [0.3, 0.7], [0.6, 0.4]])
    np.testing.assert_allclose(scale(probabilities, 1.0), probabilities, atol=1e-12)
    warm = scale(probabilities, 4.0)
    assert np.isfinite(warm).all()
    np.testing.assert_allclose(warm.sum(axis=1), 1)
    assert (np.argsort(warm[:, 1]) == np.argsort(probabilities[:, 1])).all()
    assert warm[1, 1] < 0.7
