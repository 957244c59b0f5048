"""DeLong's test: by hand, against the definition with loops, and as published."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2, norm

from crosswarp.statistics.cells import Cell
from crosswarp.statistics.comparison import Difference
from crosswarp.statistics.delong import (
    auc_influence,
    delong,
    placements,
)
from crosswarp.statistics.intervals import Estimate
from crosswarp.statistics.weighted import within_fold_auc
from tests.evaluation.made_predictions import cell, random_cells

PEOPLE = 34

OVARIAN = """
3.0 5.8 10 0   3.2 6.3  5 1   3.9 6.8  3 1   2.8 4.8  6 0   3.2 5.8  3 1
0.9 4.0  5 0   2.5 5.7  8 0   1.6 5.6  5 1   3.8 5.7  5 1   3.7 6.7  6 1
3.2 5.4  4 1   3.8 6.6  6 1   4.1 6.6  5 1   3.6 5.7  5 1   4.3 7.0  4 1
3.6 6.7  4 0   2.3 4.4  6 1   4.2 7.6  4 0   4.0 6.6  6 0   3.5 5.8  6 1
3.8 6.8  7 1   3.0 4.7  8 0   4.5 7.4  5 1   3.7 7.4  5 1   3.1 6.6  6 1
4.1 8.2  6 1   4.3 7.0  5 1   4.3 6.5  4 1   3.2 5.1  5 1   2.6 4.7  6 1
3.3 6.8  6 0   1.7 4.0  7 0   3.7 6.1  5 1   3.3 6.3  7 1   4.2 7.7  6 1
3.5 6.2  5 1   2.9 5.7  9 0   2.1 4.8  7 1   2.8 6.2  8 0   4.0 7.0  7 1
3.3 5.7  6 1   3.7 6.9  5 1   3.6 6.6  5 1
"""
"""Albumin, total protein, K-G score and outcome of ovarian cancer patients.

The data of DeLong, DeLong & Clarke-Pearson (1988), as the SAS/STAT User's Guide (PROC
LOGISTIC, "Comparing Receiver Operating Characteristic Curves") reprints them: the 43
of 49 patients who have all three tests.
"""

PUBLISHED = {
    "albumin": (0.7366, 0.0927),
    "total protein": (0.6478, 0.1000),
    "K-G": (0.7258, 0.1028),
}
"""Area and its standard error by DeLong's method, from the same example."""


def ovarian_tests() -> dict[str, Cell]:
    """Give each test's scores as one fold; a low K-G score is a good one."""
    table = np.array(OVARIAN.split(), dtype=float).reshape(-1, 4)
    scores = (table[:, 0] / 10, table[:, 1] / 10, (10 - table[:, 2]) / 10)
    truth = table[:, 3].astype(int).tolist()
    return {
        name: cell(truth, score.tolist())
        for name, score in zip(PUBLISHED, scores, strict=True)
    }


def by_definition(scores: list[np.ndarray], truth: np.ndarray) -> tuple[float, float]:
    """AUC difference and its variance from the kernel of every pair (DeLong 1988)."""
    areas, up, down = [], [], []
    for score in scores:
        x, y = score[truth == 1], score[truth == 0]
        psi = [[1.0 if a > b else 0.5 if a == b else 0.0 for b in y] for a in x]
        areas.append(float(np.mean(psi)))
        up.append([float(np.mean(row)) for row in psi])
        down.append([float(np.mean([row[j] for row in psi])) for j in range(len(y))])
    contrast = np.array([1.0, -1.0])
    covariance = np.cov(up) / len(up[0]) + np.cov(down) / len(down[0])
    return areas[0] - areas[1], float(contrast @ covariance @ contrast)


def test_by_hand() -> None:
    # Positives 4, 2 and negatives 3, 1: 4 beats both, 2 beats one; 3 loses once of two.
    positive = np.array([True, True, False, False])
    won = placements(positive, np.array([4.0, 2.0, 3.0, 1.0]))
    assert won.tolist() == [1, 0.5, 0.5, 1]
    area, influence = auc_influence([cell([1, 1, 0, 0], [0.4, 0.2, 0.3, 0.1])], 4)
    assert area == 0.75
    # Each class: deviations of 1/4, variance of components 1/8, of their mean 1/16.
    assert np.sum(influence**2) == pytest.approx(2 / 16)


def test_one_fold_agrees_with_the_definition() -> None:
    rng = np.random.default_rng(3)
    for _ in range(5):
        (one,), (other,) = random_cells(rng, (25,)), random_cells(rng, (25,))
        found = delong([one], [other], 25)
        assert found is not None
        scores = [c.probabilities[:, 1] for c in (one, other)]
        difference, variance = by_definition(scores, one.truth)
        error = np.sqrt(variance)
        assert found.auc.value == pytest.approx(difference)
        low, high = norm.interval(0.95, difference, error)
        assert (found.auc.low, found.auc.high) == pytest.approx((low, high))
        p = 2 * (1 - norm.cdf(abs(difference) / error))
        assert found.p == pytest.approx(p)


def test_published_example_of_ovarian_cancer() -> None:
    tests = ovarian_tests()
    influences = {}
    for name, (published_area, published_error) in PUBLISHED.items():
        area, influences[name] = auc_influence([tests[name]], 43)
        assert area == pytest.approx(published_area, abs=5e-5)
        error = np.sqrt(np.sum(influences[name] ** 2))
        assert error == pytest.approx(published_error, abs=5e-5)
    # Both differences to the K-G score at once: chi-square 2.5340, 2 df, p 0.2817.
    apart = np.stack([influences[n] - influences["K-G"] for n in list(PUBLISHED)[:2]])
    found = [
        delong([tests[name]], [tests["K-G"]], 43)
        for name in ("albumin", "total protein")
    ]
    differences = np.array([f.auc.value for f in found if f is not None])
    statistic = differences @ np.linalg.solve(apart @ apart.T, differences)
    assert statistic == pytest.approx(2.5340, abs=5e-5)
    assert chi2.sf(statistic, 2) == pytest.approx(0.2817, abs=5e-5)


def test_folds_add_their_variances_by_their_pairs() -> None:
    rng = np.random.default_rng(4)
    cells, reference = random_cells(rng), random_cells(rng)
    found = delong(cells, reference, PEOPLE)
    assert found is not None
    assert found.auc.high is not None
    parts = [
        by_definition([c.probabilities[:, 1] for c in pair], pair[0].truth)
        for pair in zip(cells, reference, strict=True)
    ]
    pairs = np.array([c.truth.sum() * (1 - c.truth).sum() for c in cells])
    share = pairs / pairs.sum()
    difference = share @ [value for value, _ in parts]
    error = np.sqrt(share**2 @ [variance for _, variance in parts])
    assert found.auc.value == pytest.approx(difference)
    assert found.auc.high - found.auc.value == pytest.approx(1.959964 * error, rel=1e-5)


@pytest.mark.parametrize("classes", [2, 3])
def test_value_is_the_auc_within_folds(classes: int) -> None:
    cells = random_cells(np.random.default_rng(5), classes=classes)
    cells += [repeated(c) for c in random_cells(np.random.default_rng(6), (17, 17))]
    area, _ = auc_influence(cells[:3], PEOPLE)
    assert area == pytest.approx(within_fold_auc(cells[:3], np.ones((1, PEOPLE)))[0])
    if classes == 2:
        area, _ = auc_influence(cells, PEOPLE)
        assert area == pytest.approx(within_fold_auc(cells, np.ones((1, PEOPLE)))[0])


def repeated(one: Cell) -> Cell:
    object.__setattr__(one, "repeat", 1)
    return one


def test_scoring_people_twice_does_not_narrow_the_interval() -> None:
    rng = np.random.default_rng(7)
    cells, reference = random_cells(rng, (20,)), random_cells(rng, (20,))
    once = delong(cells, reference, 20)
    again = [
        repeated(Cell(0, c.fold, c.participants, c.truth, c.probabilities, c.threshold))
        for c in (*cells, *reference)
    ]
    twice = delong([*cells, again[0]], [*reference, again[1]], 20)
    assert once is not None
    assert twice is not None
    assert twice.p == pytest.approx(once.p)
    # Nor does a second, identical session.
    both = [
        Cell(
            0,
            0,
            np.tile(c.participants, 2),
            np.tile(c.truth, 2),
            np.tile(c.probabilities, (2, 1)),
            c.threshold,
        )
        for c in (cells[0], reference[0])
    ]
    sessions = delong(both[:1], both[1:], 20)
    assert sessions is not None
    assert sessions.p == pytest.approx(once.p)


def test_model_does_not_differ_from_itself() -> None:
    cells = random_cells(np.random.default_rng(8))
    found = delong(cells, cells, PEOPLE)
    assert found is not None
    # Nothing varies: no interval.
    assert found == Difference(Estimate(0.0, None, None), 1.0)


def test_what_has_no_variance_has_no_test() -> None:
    alone = [cell([1, 1], [0.9, 0.1])]
    assert delong(alone, alone, 2) is None
    # One positive participant: its class has no variance.
    few = cell([1, 0, 0], [0.9, 0.1, 0.3])
    assert delong([few], [cell([1, 0, 0], [0.2, 0.1, 0.3])], 3) is None
    # All right against all wrong: different, and no spread to say how surely.
    right = cell([1, 1, 0, 0], [0.9, 0.8, 0.2, 0.1])
    wrong = cell([1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9])
    assert delong([right], [wrong], 4) is None


logits = arrays(np.float64, 14, elements=st.integers(-20, 20).map(lambda n: n / 10))


@settings(max_examples=40, deadline=None)
@given(logits, logits)
def test_exchanging_models_turns_the_difference_round(
    a: np.ndarray, b: np.ndarray
) -> None:
    truth = [0, 1] * 7
    one, other = (cell(truth, 1 / (1 + np.exp(-values))) for values in (a, b))
    there, back = delong([one], [other], 14), delong([other], [one], 14)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert there.auc.value == pytest.approx(-back.auc.value, abs=1e-12)
        assert (there.auc.low is None) == (back.auc.high is None)
        if there.auc.low is not None and back.auc.high is not None:
            assert there.auc.low == pytest.approx(-back.auc.high, abs=1e-12)
        assert there.p == pytest.approx(back.p)
