"""Leaving one site out."""

import numpy as np
import pytest
from benchmarks.false_positives import null_sites
from sklearn.metrics import roc_auc_score

from crosswarp.statistics.cells import Cell, People
from crosswarp.statistics.sites import (
    DEALINGS,
    chance_ranges,
    dealings,
    site_rows,
)
from tests.evaluation.made_predictions import cell

COUNT = 80
TRUTH = np.arange(COUNT) % 2
PEOPLE = People(
    tuple(map(str, range(COUNT))), tuple(f"0 {'AD' if i else 'CN'}" for i in TRUTH)
)
SITES = [("A", "B", "C", "D")[i // 20] for i in range(COUNT)]


def cells(carried: str | None) -> list[Cell]:
    """Chance everywhere, but for one site where the answer is known."""
    score = np.random.default_rng(5).random(COUNT)
    inside = np.array(SITES) == carried
    score[inside] = np.where(TRUTH[inside] == 1, 0.99, 0.01)
    return [cell(TRUTH, score)]


def test_shift_is_that_of_the_rest() -> None:
    (one,) = cells("B")
    rows = {row["site"]: row for row in site_rows([one], PEOPLE, SITES, seed=0)}
    rest = np.array(SITES) != "B"
    score = one.probabilities[:, 1]
    without = roc_auc_score(TRUTH[rest], score[rest])
    assert rows["B"]["auc"] == pytest.approx(roc_auc_score(TRUTH, score))
    assert rows["B"]["auc_without"] == pytest.approx(without)
    assert rows["B"]["shift"] == pytest.approx(without - rows["B"]["auc"])
    assert rows["B"]["participants"] == 20


def test_site_that_carries_the_result_is_flagged_and_no_other() -> None:
    flagged = {
        row["site"]: row["flagged"] for row in site_rows(cells("B"), PEOPLE, SITES, 0)
    }
    assert flagged == {"A": False, "B": True, "C": False, "D": False}
    assert not any(row["flagged"] for row in site_rows(cells(None), PEOPLE, SITES, 0))


def test_dealings_keep_the_sites_size_and_mix() -> None:
    numbers = np.repeat([0, 1, 2, -1], 20)
    diagnoses = np.where(TRUTH == 1, "AD", "CN")
    dealt = dealings(numbers, diagnoses, seed=1)
    assert len(dealt) == DEALINGS + 1
    np.testing.assert_array_equal(dealt[0], numbers)
    for number in (0, 1, 2, -1):
        for diagnosis in ("AD", "CN"):
            inside = dealt[:, diagnoses == diagnosis] == number
            assert (inside.sum(axis=1) == 10).all()
    # Everyone takes a turn.
    assert ((dealt[1:] == 0).any(axis=0)).all()


def test_ranges_hold_all_sites_in_95_percent_of_dealings() -> None:
    """The largest of many sites, not each: about 1 in 20, however many sites."""
    rng = np.random.default_rng(0)
    spread = rng.uniform(0.01, 0.1, (57, 1))
    shifts = spread * rng.normal(size=(57, 4000))
    low, high = chance_ranges(shifts[:, :1000])
    beyond = (shifts < low[:, None]) | (shifts > high[:, None])
    assert beyond[:, :1000].any(axis=0).mean() == pytest.approx(0.05, abs=0.0011)
    # On dealings that it has not seen: 3000, a standard error of 0.4 points.
    assert 0.03 < beyond[:, 1000:].any(axis=0).mean() < 0.075


def test_site_whose_shift_does_not_vary_takes_no_part() -> None:
    rng = np.random.default_rng(0)
    shifts = np.stack([rng.normal(size=500), np.zeros(500), np.full(500, np.nan)])
    low, high = chance_ranges(shifts)
    assert low[0] < -1.5
    assert high[0] > 1.5
    assert np.isnan([low[1], high[1], low[2], high[2]]).all()
    assert np.isnan(chance_ranges(shifts[1:])).all()


@pytest.mark.slow
@pytest.mark.parametrize("sites", [2, 10, 57])
def test_equal_sites_are_seldom_outside(sites: int) -> None:
    """100 studies: a rate of 5 % has a standard error of 2.2; benchmarks/ has more."""
    outside = [null_sites(seed, sites)[0] for seed in range(100)]
    assert np.mean(outside) <= 0.12


def test_one_site_or_none_is_nothing_to_leave_out() -> None:
    assert site_rows(cells(None), PEOPLE, ["A"] * COUNT, 0) == []
    assert site_rows(cells(None), PEOPLE, [None, "A"] * (COUNT // 2), 0) == []


def test_diagnosis_seen_at_one_site_only_has_no_auc_without_it() -> None:
    sites = ["A" if i else "B" for i in TRUTH]
    rows = site_rows(cells(None), PEOPLE, sites, 0)
    assert [row["auc_without"] for row in rows] == [None, None]
    assert [row["chance_low"] for row in rows] == [None, None]
    assert not any(row["flagged"] for row in rows)
