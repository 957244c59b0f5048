"""The bootstrap: draws that keep the design, intervals that cover."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from crosswarp.statistics.cells import Cell, People
from crosswarp.statistics.intervals import (
    Estimate,
    estimate,
    estimates,
    exact_bound,
    participant_weights,
    spread,
)
from crosswarp.statistics.weighted import within_fold_auc
from tests.evaluation.made_predictions import cell

PEOPLE = People(
    tuple("abcdefg"), ("0 AD", "0 CN", "0 AD", "1 AD", "1 CN", "1 CN", "0 CN")
)


def test_draws_keep_size_of_every_stratum() -> None:
    weights = participant_weights(PEOPLE, 50, seed=3)
    assert (weights[0] == 1).all()
    strata = np.array(PEOPLE.strata)
    for stratum in set(PEOPLE.strata):
        inside = weights[:, strata == stratum]
        assert (inside.sum(axis=1) == inside.shape[1]).all()
    assert weights[1:].max() > 1


def test_draws_are_seeded() -> None:
    one, same, other = (participant_weights(PEOPLE, 30, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_interval_holds_its_share_of_draws() -> None:
    found = estimate(np.r_[0.5, np.arange(1001) / 1000])
    assert found is not None
    assert found.value == 0.5
    assert (found.low, found.high) == pytest.approx((0.025, 0.975))


def test_undefined_draws_are_left_out() -> None:
    found = estimate(np.array([0.7, np.nan, 0.6, 0.8]))
    assert found is not None
    assert found.low == pytest.approx(0.605)
    alone = estimate(np.array([0.7, np.nan]))
    assert alone is not None
    assert (alone.value, alone.low, alone.high) == (0.7, None, None)
    assert estimates({"roc_auc": np.array([np.nan, 0.5])}) == {"roc_auc": None}


def test_spread_of_one_fold_has_no_deviation() -> None:
    assert spread([0.7]) == (0.7, None)
    assert spread([None, None]) == (None, None)


def test_statistic_that_does_not_vary_has_no_interval() -> None:
    found = estimate(np.full(101, 0.708))
    assert found == Estimate(0.708, None, None)
    # Nor has one that most draws do not define.
    few = np.r_[0.7, np.linspace(0, 1, 30), np.full(170, np.nan)]
    assert estimate(few) == Estimate(0.7, None, None)


@pytest.mark.parametrize(
    ("strata", "varies"),
    [
        (("0 CN", "0 AD", "1 CN", "1 AD"), False),
        (("0 CN", "0 CN", "1 CN", "1 CN", "0 AD", "1 AD"), False),
        (("0 CN", "0 CN", "1 CN", "1 CN", "0 AD", "0 AD", "1 AD"), True),
        # Someone whose diagnosis changed is alone, the others are not.
        (("0 CN", "0 CN", "0 AD", "0 AD", "0 CN+AD"), True),
        # A class of two diagnoses is a class.
        (("0 CN", "0 CN", "0 MCI+AD", "1 MCI+AD"), False),
    ],
)
def test_draws_are_refused_where_a_class_cannot_vary(
    strata: tuple[str, ...], varies: bool
) -> None:
    people = People(tuple(map(str, range(len(strata)))), strata)
    weights = participant_weights(people, 200, seed=0)
    assert (len(weights) > 1) == varies


def test_perfect_value_has_an_exact_one_sided_bound() -> None:
    # 0.05 ** (1 / 20): twenty successes in a row are rarer below it.
    perfect = estimate(np.ones(101), trials=20)
    assert perfect is not None
    assert perfect.low == pytest.approx(0.8609, abs=1e-4)
    assert perfect.high == 1
    failed = estimate(np.zeros(101), trials=20)
    assert failed is not None
    assert (failed.low, failed.high) == pytest.approx((0, 0.1391), abs=1e-4)
    # A bound needs no draws, and trials; anything else is as without them.
    assert estimate(np.ones(1), trials=20) == perfect
    assert estimate(np.ones(101)) == Estimate(1.0, None, None)
    draws = np.r_[0.9, np.linspace(0.8, 1, 200)]
    assert estimate(draws, trials=20) == estimate(draws)


def test_bound_is_scipys() -> None:
    exact = binomtest(12, 12, alternative="greater").proportion_ci(0.95).low
    assert exact_bound(12) == pytest.approx(exact)


@pytest.mark.slow
def test_interval_covers_the_true_auc() -> None:
    """Nominal 95 %: 250 studies of 5 folds of 20, a standard error of 1.4 points."""
    distance, studies, covered = 1.0, 250, 0
    truth = float(norm.cdf(distance / np.sqrt(2)))
    rng = np.random.default_rng(17)
    people = People(
        tuple(map(str, range(100))), tuple(f"{i // 20} {i % 2}" for i in range(100))
    )
    weights = participant_weights(people, 400, seed=0)
    for _ in range(studies):
        found = estimate(within_fold_auc(study(rng, distance), weights))
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= truth <= found.high
    assert 0.90 <= covered / studies <= 0.99


def study(rng: np.random.Generator, distance: float) -> list[Cell]:
    cells = []
    for fold in range(5):
        truth = np.arange(20) % 2
        score = (fold + 1) * (rng.normal(size=20) + distance * truth) + fold
        cells.append(cell(truth, 1 / (1 + np.exp(-score)), fold=fold, first=20 * fold))
    return cells
