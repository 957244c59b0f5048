"""Distances of scans from a group: about 1 inside, larger outside and held out."""

import numpy as np
import pytest

from crosswarp.statistics.unlikeness import (
    cloud_of,
    held_out_distances,
    percentile_in,
    varying,
)


def test_distances_are_about_one_inside_and_grow_outside(
    rng: np.random.Generator,
) -> None:
    scans = rng.normal(5, 2, (200, 4))
    cloud = cloud_of(scans)
    assert cloud.distances(scans).mean() == pytest.approx(1, abs=0.1)
    assert cloud.distances(np.full((1, 4), 25.0))[0] == pytest.approx(10, rel=0.2)


def test_a_scan_off_the_line_is_farther_than_one_along_it(
    rng: np.random.Generator,
) -> None:
    along = rng.normal(size=300)
    scans = np.column_stack([along, along + rng.normal(0, 0.1, 300)])
    on, off = cloud_of(scans).distances(np.array([[2.0, 2.0], [2.0, -2.0]]))
    assert off > 5 * on


def test_held_out_distances_are_larger_and_those_of_new_scans(
    rng: np.random.Generator,
) -> None:
    scans, new = rng.normal(size=(25, 8)), rng.normal(size=(4000, 8))
    cloud, held = cloud_of(scans), held_out_distances(scans)
    assert held.mean() > cloud.distances(scans).mean()
    assert held.mean() == pytest.approx(cloud.distances(new).mean(), rel=0.15)


def test_numbers_that_hardly_vary_or_are_not_known_are_left_out() -> None:
    numbers = np.arange(10.0)
    unknown = np.where(numbers == 3, np.nan, numbers)
    mostly = np.where(numbers > 8, 1.0, 0.0)
    table = np.column_stack([unknown, mostly, numbers])
    assert varying(table) == [2]


def test_a_value_beyond_all_is_at_the_last_percentile() -> None:
    assert percentile_in(9.0, (0.0, 1.0), (0.0, 100.0)) == 100.0
