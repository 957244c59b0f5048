"""deviation_of: a person beside a group, as textbooks compute it."""

import numpy as np
import pytest
from scipy import stats

from crosswarp.statistics.norms import deviation_of, moments_of


@pytest.fixture
def group(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    covariates = rng.normal([70, 0.5, 7], [6, 0.5, 0.1], (40, 3))
    outcome = covariates @ [-0.01, 0.02, 0.3] + rng.normal(0, 0.05, 40)
    return covariates, outcome


def test_sums_give_what_least_squares_on_everybody_gives(group) -> None:
    covariates, outcome = group
    person = np.array([82.0, 1.0, 7.1])
    found = deviation_of(0.9, person, moments_of(covariates, outcome))
    design = np.column_stack([np.ones(40), covariates])
    slopes, (left,), *_ = np.linalg.lstsq(design, outcome, rcond=None)
    asked = np.array([1.0, *person])
    sd = np.sqrt(left / 36)
    width = sd * np.sqrt(1 + asked @ np.linalg.inv(design.T @ design) @ asked)
    assert found is not None
    assert found.expected == pytest.approx(asked @ slopes)
    assert found.sd == pytest.approx(sd)
    assert found.z == pytest.approx((0.9 - asked @ slopes) / sd)
    expected = 100 * stats.t.cdf((0.9 - asked @ slopes) / width, 36)
    assert found.percentile == pytest.approx(expected)


def test_a_covariate_that_is_not_known_is_left_out_afterwards(group) -> None:
    covariates, outcome = group
    whole = moments_of(covariates, outcome)
    without = deviation_of(0.9, np.array([82.0, 7.1]), whole.only([0, 2]))
    alone = moments_of(covariates[:, [0, 2]], outcome)
    other = deviation_of(0.9, np.array([82.0, 7.1]), alone)
    assert without is not None
    assert other is not None
    assert without.z == pytest.approx(other.z)
    assert without.percentile == pytest.approx(other.percentile)


def test_the_percentile_holds_for_people_of_the_group(
    rng: np.random.Generator,
) -> None:
    """A tenth of new people lie below the tenth percentile, of small groups, too."""
    below = []
    for _ in range(400):
        covariates = rng.normal(size=(13, 2))
        outcome = covariates @ [1.0, -1.0] + rng.normal(size=13)
        person = rng.normal(size=2)
        value = person @ [1.0, -1.0] + rng.normal()
        found = deviation_of(float(value), person, moments_of(covariates, outcome))
        assert found is not None
        below.append(found.percentile < 10)
    assert np.mean(below) == pytest.approx(0.1, abs=0.035)


def test_a_group_that_is_too_small_or_does_not_vary_says_nothing() -> None:
    three = moments_of(np.arange(6.0).reshape(3, 2), np.array([1.0, 2.0, 4.0]))
    assert deviation_of(1.0, np.zeros(2), three) is None
    alike = moments_of(np.arange(9.0)[:, None], np.full(9, 2.0))
    assert deviation_of(1.0, np.zeros(1), alike) is None
