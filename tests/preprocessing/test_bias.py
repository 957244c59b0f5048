"""correct_bias: a known field on a real brain is mostly taken out."""

import numpy as np
import pytest

from crosswarp.preprocessing.bias import correct_bias, thinning
from crosswarp.registration.resampling import grid_points, resample
from crosswarp.registration.template import load_template
from crosswarp.types.arrays import SpatialMap

pytestmark = pytest.mark.slow


def test_a_known_field_is_taken_out() -> None:
    template = load_template(2)
    even = template.brain
    points = grid_points(even.extent, even.affine)
    field = np.exp(0.3 * np.sin(points[..., 0] / 60) + 0.2 * points[..., 2] / 80)
    scan = SpatialMap((500 * even.values * field).astype(np.float32), even.affine)
    corrected = correct_bias(scan, template.mask)
    inside = template.mask & (even.values > 0.2)
    before, after = (
        np.log(values[inside] / even.values[inside]).std()
        for values in (scan.values, corrected.values)
    )
    assert after < 0.5 * before
    assert corrected.values.dtype == np.float32


def test_thick_slices_do_not_hide_the_field() -> None:
    """By the finest axis alone, 65 mm were left between the slices that N4 saw."""
    template = load_template(1)
    affine = template.brain.affine @ np.diag([0.9, 0.9, 5.0, 1.0])
    extent = (214, 254, 38)
    even = resample(template.brain, extent, affine)
    mask = resample(
        SpatialMap(template.mask.astype(np.float32), template.brain.affine),
        extent,
        affine,
    )
    points = grid_points(extent, affine)
    field = np.exp(0.3 * np.sin(points[..., 0] / 60) + 0.2 * points[..., 2] / 80)
    scan = SpatialMap((500 * even * field).astype(np.float32), affine)
    corrected = correct_bias(scan, mask > 0.5)
    inside = (mask > 0.5) & (even > 0.2)
    before, after = (
        np.log(values[inside] / even[inside]).std()
        for values in (scan.values, corrected.values)
    )
    assert after < 0.25 * before


@pytest.mark.parametrize(
    ("spacing", "steps"),
    [
        ((0.45, 0.45, 5.0), (11, 11, 1)),
        ((1.0, 2.0, 1.0), (2, 1, 2)),
        ((1.0, 1.0, 1.2), (1, 1, 1)),
        ((0.7, 0.7, 0.7), (1, 1, 1)),
    ],
)
def test_what_is_shrunk_is_bounded_by_the_coarsest_axis(spacing, steps) -> None:
    affine = np.diag([*spacing, 1.0])
    assert thinning(SpatialMap(np.zeros((2, 2, 2)), affine)) == steps


def test_values_below_zero_do_no_harm() -> None:
    template = load_template(2)
    scan = SpatialMap(template.brain.values - 0.05, template.brain.affine)
    assert np.isfinite(correct_bias(scan, template.mask).values).all()
