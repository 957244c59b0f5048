"""A head ends softly, and only outside its tissue."""

import numpy as np

from crosswarp.simulation.fading import NECK, SIDE, faded
from crosswarp.simulation.heads import Head
from crosswarp.simulation.sources import load_source
from crosswarp.types.arrays import SpatialMap


def test_no_box_is_left(head: Head) -> None:
    values = head.t1w.values
    for axis in range(3):
        for end in (0, -1):
            assert not np.take(values, end, axis=axis).any()
    # Air beside the head was grey in the average of many.
    source = load_source("mni2009c").values
    assert source[5, 5, 150] > 0
    assert values[5, 5, 150] == 0
    # The neck ends step by step.
    neck = values[:, :, : int(NECK)].max(axis=(0, 1))
    assert (np.diff(neck) > -0.02).all()
    assert np.diff(neck).max() < 0.35


def test_the_brain_is_left_alone(head: Head) -> None:
    source = load_source("mni2009c").values
    high = head.brain.copy()
    high[:, :, : int(NECK) + 1] = False
    scale = source[high] / head.t1w.values[high]
    assert np.ptp(scale) < 0.01 * scale.mean()


def test_what_has_no_head_fades_at_the_faces_only() -> None:
    dark = SpatialMap(np.full((20, 22, 30), 0.1, np.float32), np.eye(4))
    soft = faded(dark).values
    np.testing.assert_allclose(soft[8:12, 8:14, int(NECK) + 1 : 30 - int(SIDE)], 0.1)
    assert not soft[0].any()
