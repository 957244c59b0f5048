"""Leaving one site out."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from crosswarp.evaluation.cells import Cell, People
from crosswarp.evaluation.sites import RANDOM_GROUPS, left_out, site_rows
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


def test_random_groups_have_the_sites_size_and_mix() -> None:
    member = np.zeros(COUNT, dtype=bool)
    member[[0, 2, 4, 5]] = True
    diagnoses = np.where(TRUTH == 1, "AD", "CN")
    weights = left_out(member, diagnoses, seed=1)
    assert len(weights) == RANDOM_GROUPS + 1
    np.testing.assert_array_equal(weights[0] == 0, member)
    assert ((weights[:, TRUTH == 0] == 0).sum(axis=1) == 3).all()
    assert ((weights[:, TRUTH == 1] == 0).sum(axis=1) == 1).all()
    # Everyone takes a turn.
    assert (weights[1:].min(axis=0) == 0).all()


def test_one_site_or_none_is_nothing_to_leave_out() -> None:
    assert site_rows(cells(None), PEOPLE, ["A"] * COUNT, 0) == []
    assert site_rows(cells(None), PEOPLE, [None, "A"] * (COUNT // 2), 0) == []


def test_diagnosis_seen_at_one_site_only_has_no_auc_without_it() -> None:
    sites = ["A" if i else "B" for i in TRUTH]
    rows = site_rows(cells(None), PEOPLE, sites, 0)
    assert [row["auc_without"] for row in rows] == [None, None]
    assert [row["chance_low"] for row in rows] == [None, None]
    assert not any(row["flagged"] for row in rows)
