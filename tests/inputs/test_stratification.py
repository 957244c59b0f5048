"""Iterative stratification: every label is spread, and sizes are exact."""

import numpy as np
import pytest

from crosswarp.inputs.stratification import Units, assign, rooms


def drawn(seed: int, count: int = 90) -> Units:
    rng = np.random.default_rng(seed)
    kinds = np.eye(2, dtype=int)[rng.integers(0, 2, count)]
    more = np.eye(4, dtype=int)[rng.choice(4, count, p=[0.5, 0.3, 0.15, 0.05])]
    return Units(kinds, np.hstack([kinds, more]), np.array([0, 1, -1, -1, -1, -1]))


def spread(units: Units, parts: np.ndarray, count: int) -> np.ndarray:
    """Count the participants of each part (row) with each label."""
    return np.array([units.labels[parts == part].sum(axis=0) for part in range(count)])


@pytest.mark.parametrize("seed", range(5))
def test_sizes_are_exact_and_labels_are_spread(seed: int) -> None:
    units = drawn(seed)
    rng = np.random.default_rng(seed)
    room = rooms(units.kinds.sum(axis=0), 5, rng)
    found = spread(units, assign(units, room, rng), 5)
    np.testing.assert_array_equal(found[:, :2], room)
    # At random, the commonest label would differ by about nine between parts.
    assert np.ptp(found[:, 2:], axis=0).max() <= 3
    assert np.ptp(found[:, 4:], axis=0).max() <= 2


def test_a_label_as_rare_as_there_are_parts_is_in_each() -> None:
    kinds = np.ones((40, 1), dtype=int)
    rare = (np.arange(40) < 5).astype(int)[:, None]
    units = Units(kinds, np.hstack([kinds, rare]), np.array([0, -1]))
    rng = np.random.default_rng(0)
    parts = assign(units, rooms(np.array([40]), 5, rng), rng)
    assert sorted(parts[:5]) == [0, 1, 2, 3, 4]


def test_parts_of_unequal_room_get_labels_in_proportion() -> None:
    units = drawn(1, 100)
    totals = units.kinds.sum(axis=0)
    few = np.round(totals / 5).astype(int)
    parts = assign(units, np.array([few, totals - few]), np.random.default_rng(0))
    found = spread(units, parts, 2)
    np.testing.assert_allclose(found[0], units.labels.sum(axis=0) / 5, atol=1.01)


def test_units_of_several_people_stay_whole_and_sizes_stay_near() -> None:
    sizes = np.array([5, 4, 3, 3, 2, 2, *[1] * 31])
    kinds = np.zeros((len(sizes), 2), dtype=int)
    kinds[np.arange(len(sizes)), np.arange(len(sizes)) % 2] = sizes
    units = Units(kinds, kinds, np.array([0, 1]))
    rng = np.random.default_rng(0)
    room = rooms(kinds.sum(axis=0), 5, rng)
    parts = assign(units, room, rng)
    found = np.array([kinds[parts == part].sum(axis=0) for part in range(5)])
    assert np.abs(found - room).max() <= 1


def test_a_unit_too_large_for_every_part_goes_where_least_is_too_many() -> None:
    kinds = np.array([[6], [1], [1]])
    units = Units(kinds, kinds, np.array([0]))
    parts = assign(units, np.array([[3], [5]]), np.random.default_rng(0))
    assert parts.tolist() == [1, 0, 0]


@pytest.mark.parametrize("counts", [[7, 5, 3], [20, 20, 20], [1, 1, 1], [11, 2, 6]])
def test_rooms_differ_by_one_at_most(counts: list[int]) -> None:
    found = rooms(np.array(counts), 4, np.random.default_rng(0))
    assert found.sum(axis=0).tolist() == counts
    assert np.ptp(found, axis=0).max() <= 1
    assert np.ptp(found.sum(axis=1)) <= 1


def test_the_same_seed_gives_the_same_parts() -> None:
    units = drawn(3)
    room = rooms(units.kinds.sum(axis=0), 3, np.random.default_rng(0))
    one, same, other = (
        assign(units, room, np.random.default_rng(seed)).tolist() for seed in (1, 1, 2)
    )
    assert one == same != other
