"""The primary test: by hand from its parts, and what it cannot say."""

import numpy as np
import pytest
from scipy import stats

from crosswarp.statistics.comparison import Difference
from crosswarp.statistics.corrected_delong import corrected_delong
from crosswarp.statistics.delong import auc_influence, delong
from crosswarp.statistics.intervals import Estimate
from crosswarp.statistics.metrics import cell_auc
from tests.evaluation.made_predictions import cell, random_cells

PEOPLE = 34
RNG = np.random.default_rng(31)
MODEL, REFERENCE = random_cells(RNG), random_cells(RNG)


def test_variance_is_that_of_people_and_of_training() -> None:
    found = corrected_delong(MODEL, REFERENCE, PEOPLE)
    assert found is not None
    own, other = (auc_influence(cells, PEOPLE)[1] for cells in (MODEL, REFERENCE))
    of_people = ((own - other) ** 2).sum()
    by_fold = [
        cell_auc(a) - cell_auc(b)  # type: ignore[operator]
        for a, b in zip(MODEL, REFERENCE, strict=True)
    ]
    # Folds of 11, 14 and 9, each against the other two.
    of_training = np.mean([11 / 23, 14 / 20, 9 / 25]) * np.var(by_fold, ddof=1)
    total = of_people + of_training
    # 34 participants in three folds of two classes; three folds.
    freedom = total**2 / (of_people**2 / (34 - 6) + of_training**2 / 2)
    plain = delong(MODEL, REFERENCE, PEOPLE)
    assert plain is not None
    assert found.auc.value == plain.auc.value
    statistic = abs(found.auc.value) / np.sqrt(total)
    assert found.p == pytest.approx(2 * stats.t.sf(statistic, freedom))
    reach = stats.t.ppf(0.975, freedom) * np.sqrt(total)
    assert found.auc.low == pytest.approx(found.auc.value - reach)
    assert found.auc.high == pytest.approx(found.auc.value + reach)


def test_it_is_antisymmetric() -> None:
    there = corrected_delong(MODEL, REFERENCE, PEOPLE)
    back = corrected_delong(REFERENCE, MODEL, PEOPLE)
    assert there is not None
    assert back is not None
    assert there.auc.value == pytest.approx(-back.auc.value)
    assert there.p == pytest.approx(back.p)


def test_model_does_not_differ_from_itself() -> None:
    same = corrected_delong(MODEL, MODEL, PEOPLE)
    assert same == Difference(Estimate(0.0, None, None), 1.0)


def test_what_it_cannot_say() -> None:
    # One fold says nothing of training.
    assert corrected_delong(MODEL[:1], REFERENCE[:1], PEOPLE) is None
    # A fold with a single participant of a class has no variance.
    alone = [
        cell([1, 0, 0], [0.9, 0.2, 0.4]),
        cell([1, 0, 0], [0.3, 0.2, 0.4], fold=1, first=3),
    ]
    assert corrected_delong(alone, alone, 6) is None
    # A difference that is the same in everyone.
    best, worst = (
        [cell([1, 1, 0, 0], scores, fold=fold, first=4 * fold) for fold in range(2)]
        for scores in ([0.9, 0.8, 0.1, 0.2], [0.1, 0.2, 0.9, 0.8])
    )
    assert corrected_delong(best, worst, 8) is None
