"""Platt: probabilities that are right where there are many scans, careful with few."""

import numpy as np
from scipy.special import expit

from crosswarp.baselines.calibration import FLATTEST, STEEPEST, Platt


def test_a_known_sigmoid_is_found(rng) -> None:
    scores = rng.normal(0, 3, 20_000)
    positives = rng.random(20_000) < expit(1.5 * scores - 0.7)
    asked = np.array([-2.0, 0.0, 1.0, 3.0])
    expected = expit(1.5 * asked - 0.7)
    np.testing.assert_allclose(Platt(scores, positives)(asked), expected, atol=0.02)


def test_the_order_of_scans_never_changes() -> None:
    """Four scans the wrong way round do not turn all answers round."""
    scores = np.array([2.0, 1.0, -1.0, -2.0])
    wrong = Platt(scores, np.array([False, False, True, True]))
    assert wrong.slope == FLATTEST
    assert (np.diff(wrong(np.array([-1.0, 0.0, 1.0]))) > 0).all()


def test_few_scans_that_are_told_apart_do_not_make_it_certain() -> None:
    calibrated = Platt(np.array([-1.0, 1.0]), np.array([False, True]))
    assert calibrated.slope <= STEEPEST
    np.testing.assert_allclose(
        calibrated(np.array([-1.0, 1.0])), [1 / 3, 2 / 3], atol=1e-3
    )


def test_scores_that_are_all_alike_say_the_share_of_positives() -> None:
    alike = Platt(np.zeros(6), np.array([True] * 4 + [False] * 2))
    smoothed = (4 * 5 / 6 + 2 * 1 / 4) / 6
    np.testing.assert_allclose(alike(np.zeros(1)), [smoothed], atol=1e-4)


def test_scans_of_one_person_are_not_several_people(rng) -> None:
    scores = rng.normal(size=20)
    positives = scores + rng.normal(size=20) > 0
    once = Platt(scores, positives)
    twice = Platt(np.repeat(scores, 2), np.repeat(positives, 2), np.full(40, 0.5))
    np.testing.assert_allclose(twice(scores), once(scores), atol=1e-5)
