"""Sketches: correlations from a thousand numbers a map, whatever its size."""

import numpy as np
import pytest

from crosswarp.inputs.sketches import FIRST, Sketches

EXTENT = (20, 22, 24)


def alike(maps: list[np.ndarray], least: float) -> list[tuple[float, int, int]]:
    sketches = Sketches()
    for each in maps:
        sketches.add([each])
    return sorted(sketches.alike(np.arange(len(maps)), [(0, 0)], least), reverse=True)


def test_pairs_that_are_alike_are_found_and_no_others(rng) -> None:
    """Before and after the voxels are settled that are compared."""
    maps = [rng.random(EXTENT).astype(np.float32) for _ in range(FIRST + 8)]
    maps[FIRST + 5] = maps[2] + rng.normal(0, 0.05, EXTENT).astype(np.float32)
    maps[9] = 3 * maps[4] + 1
    found = alike(maps, 0.9)
    assert [pair for _, *pair in found] == [[4, 9], [2, FIRST + 5]]


def test_an_estimate_is_near_the_correlation(rng) -> None:
    noise = rng.normal(0, 0.09, (40, *EXTENT)).astype(np.float32)
    one = rng.random(EXTENT).astype(np.float32) + 1
    true = [np.corrcoef(one.ravel(), (one + n).ravel())[0, 1] for n in noise]
    estimates = {j: v for v, i, j in alike([one, *(one + noise)], 0.5) if i == 0}
    errors = [estimates[number + 1] - r for number, r in enumerate(true)]
    assert np.mean(true) == pytest.approx(0.955, abs=0.01)
    assert np.std(errors) < 0.005
    assert abs(np.mean(errors)) < 0.003


def test_sessions_of_one_participant_are_no_pair(rng) -> None:
    one = rng.random(EXTENT).astype(np.float32)
    sketches = Sketches()
    for _ in range(3):
        sketches.add([one])
    assert list(sketches.alike(np.array([0, 0, 0]), [(0, 0)], 0.9)) == []
    found = sketches.alike(np.array([0, 1, 0]), [(0, 0)], 0.9)
    assert [pair for _, *pair in found] == [[0, 1], [1, 2]]
