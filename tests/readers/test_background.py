"""Background: ordinary scans are left as they are, others get theirs at 0."""

import numpy as np
import pytest

from crosswarp.readers.background import (
    background_offset,
    fill_outside,
    is_ct,
    stand_in,
    without_offset,
)
from crosswarp.types.arrays import SpatialMap

EXTENT = (40, 44, 36)


@pytest.fixture
def head(rng: np.random.Generator) -> np.ndarray:
    """A ball of tissue from 200 to 1000 in air at 0, up to 30 of noise."""
    places = np.indices(EXTENT) - np.array(EXTENT).reshape(3, 1, 1, 1) / 2
    inside = (places**2).sum(axis=0) < 15**2
    noise = np.hypot(*rng.normal(0, 10, (2, *EXTENT)))
    values = np.where(inside, rng.uniform(200, 1000, EXTENT), noise)
    return values.astype(np.float32)


def test_an_image_from_0_on_is_the_same_object(head: np.ndarray) -> None:
    scan = SpatialMap(head - head.min(), np.eye(4))
    assert without_offset(scan) is scan


def test_noise_and_ringing_around_0_are_no_offset(head: np.ndarray) -> None:
    for change in (0, -10, 20):
        scan = SpatialMap(head + np.float32(change), np.eye(4))
        assert without_offset(scan) is scan
    ringing = head.copy()
    ringing[10:12, 20, 20] = -150
    assert background_offset(ringing) == 0


@pytest.mark.parametrize("offset", [-3000, -1000, -32768, 500, 4000])
def test_an_offset_is_taken_out(head: np.ndarray, offset: float) -> None:
    moved = SpatialMap(head + np.float32(offset), np.eye(4))
    # Air has noise of up to 50, of which the level is a value within.
    np.testing.assert_allclose(without_offset(moved).values, head, atol=25)


def test_z_scores_are_lifted_to_0(head: np.ndarray) -> None:
    clean = np.where(head < 100, 0, head)
    for mean, width in ((clean.mean(), clean.std()), (500, 150)):
        scores = ((clean - mean) / width).astype(np.float32)
        lifted = without_offset(SpatialMap(scores, np.eye(4))).values
        np.testing.assert_allclose(lifted, clean / width, atol=1e-5)


def test_air_without_a_level_takes_the_lowest_value_for_0(
    head: np.ndarray, rng: np.random.Generator
) -> None:
    # As a division of two inversions leaves it, from -0.5 to 0.5.
    ratio = np.where(head > 100, head / 1000 - 0.5, rng.uniform(-0.5, 0.5, EXTENT))
    assert background_offset(ratio.astype(np.float32)) == pytest.approx(-0.5, abs=0.01)
    shifted = (ratio + 0.5).astype(np.float32)
    assert background_offset(shifted) == 0


def test_what_is_no_number_around_a_head_becomes_its_air(head: np.ndarray) -> None:
    lifted = head + np.float32(1000)
    lifted[:5] = np.nan
    lifted[0, 0, 0] = np.inf
    filled = fill_outside(lifted, ~np.isfinite(lifted))
    assert filled is not None
    assert filled[:5].min() == filled[:5].max() == pytest.approx(1012, abs=8)
    np.testing.assert_array_equal(filled[5:], lifted[5:])


@pytest.mark.parametrize(("shift", "expected"), [(0, 0), (-600, -401)])
def test_what_is_no_number_around_a_brain_is_below_it(
    head: np.ndarray, shift: float, expected: float
) -> None:
    brain = np.where(head > 100, head + np.float32(shift), np.nan)
    filled = fill_outside(brain, ~np.isfinite(brain))
    assert filled is not None
    level = filled[0, 0, 0]
    assert level == pytest.approx(expected, abs=2)
    assert (filled[head > 100] >= level).all()


def test_what_is_no_number_in_a_head_is_not_filled(head: np.ndarray) -> None:
    head[20, 22, 18] = np.nan
    assert fill_outside(head, np.isnan(head)) is None
    head[0, 0, 0] = np.nan
    assert fill_outside(head, np.isnan(head)) is None
    assert fill_outside(head, np.ones(EXTENT, bool)) is None


@pytest.mark.parametrize("value", [-32768.0, -1e30, -5000.0])
def test_a_number_far_below_all_others_stands_for_none(
    head: np.ndarray, value: float
) -> None:
    assert stand_in(head) is None
    assert stand_in(head - 1000) is None
    assert stand_in(np.full(EXTENT, -1, np.float32)) is None
    head[:5] = value
    assert stand_in(head) == np.float32(value)


def ct(rng: np.random.Generator, head: np.ndarray) -> np.ndarray:
    """Air, brain and muscle, and a skull, in Hounsfield units."""
    values = np.where(
        head > 100, rng.normal(35, 12, EXTENT), rng.normal(-1000, 8, EXTENT)
    )
    places = np.indices(EXTENT) - np.array(EXTENT).reshape(3, 1, 1, 1) / 2
    distance = np.sqrt((places**2).sum(axis=0))
    values[(distance > 13) & (distance < 15)] = 1100
    return values.astype(np.float32)


def test_a_ct_is_told_from_an_mri_with_air_at_its_value(
    head: np.ndarray, rng: np.random.Generator
) -> None:
    assert is_ct(ct(rng, head))
    assert is_ct(np.maximum(ct(rng, head), -1000))
    brain_alone = np.where(head > 100, rng.normal(35, 12, EXTENT), -1000)
    assert is_ct(brain_alone.astype(np.float32))
    for scale in (0.25, 1, 2, 3.5):
        assert not is_ct((scale * head - 1000).astype(np.float32)), scale
    assert not is_ct(head)
    assert not is_ct(head - 3000)
