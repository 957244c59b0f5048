"""Sums over scans for many weightings, against tables of draws by scans."""

import numpy as np
import pytest

from crosswarp.statistics.draws import BLOCK, blocks_of, weighted_sums


@pytest.mark.parametrize("columns", [0, 1, BLOCK // 3, 5 * BLOCK])
def test_blocks_hold_each_draw_once(columns: int) -> None:
    blocks = list(blocks_of(1000, columns))
    assert np.concatenate([np.arange(1000)[block] for block in blocks]).tolist() == [
        *range(1000)
    ]
    rows = blocks[0].stop
    assert rows == 1 or rows * columns <= BLOCK


@pytest.mark.parametrize("people", [5, 9], ids=["all present", "some absent"])
def test_sums_are_those_of_a_table_of_draws_by_scans(people: int) -> None:
    rng = np.random.default_rng(3)
    participants = np.array([4, 0, 1, 1, 3, 2, 4, 4])
    values = rng.normal(size=(8, 3))
    weights = rng.integers(0, 4, (6, people)).astype(float)
    found = weighted_sums(participants, values, weights)
    np.testing.assert_allclose(found, weights[:, participants] @ values, atol=1e-12)
