"""correct_bias: a known field on a real brain is mostly taken out."""

import numpy as np
import pytest

from crosswarp.preprocessing.bias import correct_bias
from crosswarp.registration.resampling import grid_points
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


def test_values_below_zero_do_no_harm() -> None:
    template = load_template(2)
    scan = SpatialMap(template.brain.values - 0.05, template.brain.affine)
    assert np.isfinite(correct_bias(scan, template.mask).values).all()
