"""False positives of every test, by simulation; benchmarks/ has the larger table."""

import numpy as np
import pytest
from benchmarks.candidates import delong as delong_alone
from benchmarks.candidates import one_repeat_pooled, people_and_training_pooled
from benchmarks.learners import Design, cells_of, simulate

from crosswarp.evaluation.differences import differences_of
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
    # These allow for training too, so they find less here.
    assert found["primary"] <= 0.04
    assert found["resampled_t"] <= 0.06


@pytest.mark.slow
def test_real_differences_are_found() -> None:
    found = rejections(lambda r: fixed_networks(r, 5, 24, (2.4, 1.0)), 60)
    for name in ("permutation", "delong", "bootstrap"):
        assert found[name] > 0.85, name
    assert found["primary"] > 0.6
    assert found["resampled_t"] > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("repeats", [1, 5])
def test_primary_test_keeps_its_level_when_learners_are_trained_again(
    repeats: int,
) -> None:
    """300 studies: a rate of 5 % has a standard error of 1.3; benchmarks/ has 1000."""
    design = Design(8, 8, repeats=repeats)
    studies = simulate(np.random.default_rng(3), design, 300)
    assert people_and_training_pooled(studies, design).mean() <= 0.075
    # The test of these networks as they are does not.
    assert delong_alone(studies, design).mean() >= 0.09


def test_candidates_of_the_benchmark_are_the_tests_of_the_program() -> None:
    design = Design(6, 9, folds=3, repeats=2, effects=(0.9, 0.3))
    studies = simulate(np.random.default_rng(4), design, 40)
    rejected = {
        "primary": people_and_training_pooled(studies, design),
        "delong": delong_alone(studies, design),
        "resampled_t": one_repeat_pooled(studies, design),
    }
    for number in range(40):
        model, reference = cells_of(studies, design, number)
        weights = np.ones((1, design.size))
        found = differences_of(model, reference, weights, 0, permutations=1)
        for name, rejects in rejected.items():
            assert (getattr(found, name).p < 0.05) == rejects[number], (name, number)
    assert all(3 < rejects.sum() < 37 for rejects in rejected.values())


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
