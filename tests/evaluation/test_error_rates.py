"""False positives of every test, by simulation; benchmarks/ has the larger table."""

import numpy as np
import pytest

from tests.evaluation.simulated_studies import (
    coverage,
    fixed_networks,
    people_of,
    rejections,
    trained_networks,
)


@pytest.mark.slow
def test_five_percent_is_five_percent_for_networks_as_they_are() -> None:
    """160 studies of 5 folds of 24: a rate of 5 % has a standard error of 1.7."""
    found = rejections(lambda r: fixed_networks(r, 5, 24, (1.5, 1.5)), 160)
    for name in ("permutation", "delong", "bootstrap"):
        assert 0.005 <= found[name] <= 0.105, name
    # It allows for training too, so it finds less here.
    assert found["t"] <= 0.06


@pytest.mark.slow
def test_real_differences_are_found() -> None:
    found = rejections(lambda r: fixed_networks(r, 5, 24, (2.4, 1.0)), 60)
    for name in ("permutation", "delong", "bootstrap"):
        assert found[name] > 0.85, name
    assert found["t"] > 0.5


@pytest.mark.slow
def test_corrected_t_test_allows_for_training_again() -> None:
    """150 studies: a rate of 5 % has a standard error of 1.8."""
    found = rejections(lambda r: trained_networks(r, 3, 80), 150)
    assert found["t"] <= 0.10


@pytest.mark.slow
def test_intervals_hold_the_truth() -> None:
    assert 0.88 <= coverage(150, 5, 24) <= 0.99


def test_simulated_studies_are_fair() -> None:
    rng = np.random.default_rng(0)
    for models in (
        fixed_networks(rng, 3, 8, (1.0, 1.0)),
        trained_networks(rng, 2, 30, folds=3),
    ):
        for cells in models:
            people = people_of(cells)
            tested = np.concatenate([c.participants for c in cells if c.repeat == 0])
            assert sorted(tested) == list(range(len(people.ids)))
