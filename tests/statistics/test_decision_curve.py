"""Net benefit by hand."""

import numpy as np
import pytest

from crosswarp.statistics.decision_curve import decision_rows, net_benefit
from crosswarp.statistics.pooled import pool
from tests.evaluation.made_predictions import cell, uneven_cells

(ASKED,) = pool([cell([1, 1, 0, 0, 0], [0.9, 0.3, 0.6, 0.2, 0.1])], ("CN", "AD"))


def test_by_hand() -> None:
    found = net_benefit(ASKED, np.ones((1, 5)), np.array([0.2, 0.5]))
    # At 0.2: two right, two needless at odds 1/4. At 0.5: one right, one at odds 1.
    assert found[0] == pytest.approx([2 / 5 - 2 / 5 / 4, 0])
    weights = np.array([[1.0, 1.0, 0.0, 1.0, 1.0]])
    found = net_benefit(ASKED, weights, np.array([0.5]))
    assert found[0] == pytest.approx([1 / 4])


def test_several_scans_are_weighed_one_by_one() -> None:
    rng = np.random.default_rng(4)
    (asked,) = pool(uneven_cells(rng), ("CN", "AD"))
    weights = rng.integers(0, 4, (10, 34)).astype(float)
    scans = weights[:, asked.participants] * asked.shares
    treated = asked.probability >= 0.3
    gain = np.where(asked.positive, 1, -0.3 / 0.7) * treated
    found = net_benefit(asked, weights, np.array([0.3]))
    np.testing.assert_allclose(found[:, 0], scans @ gain / scans.sum(axis=1))


def test_rows_have_treating_all_beside_them() -> None:
    weights = np.random.default_rng(0).integers(0, 3, (50, 5)).astype(float)
    weights[0] = 1
    rows = decision_rows(ASKED, weights)
    assert len(rows) == 99
    first, half, last = rows[0], rows[49], rows[-1]
    # Below every probability the model treats all.
    assert first["net_benefit"] == pytest.approx(first["treat_all"])
    assert (half["threshold"], half["treat_all"]) == (0.5, pytest.approx(-0.2))
    assert last["net_benefit"] == 0
    assert all(row["low"] <= row["high"] for row in rows)
