"""The affine alone: images that nearly lie on each other, and what is no image."""

import numpy as np
import pytest
from scipy import ndimage

from crosswarp.errors import ScanError
from crosswarp.registration.torch_lncc.alone import refine_affinely, register_affinely
from crosswarp.types.arrays import SpatialMap

EXTENT = (24, 26, 28)


@pytest.fixture
def texture(rng) -> SpatialMap:
    """Smooth noise at 6 mm: something to align everywhere."""
    values = ndimage.gaussian_filter(rng.random(EXTENT), 1.5).astype(np.float32)
    return SpatialMap(values, np.diag([6.0, 6.0, 6.0, 1.0]))


def test_a_small_affine_is_found_where_it_counts(texture: SpatialMap) -> None:
    pose = np.diag([1.03, 0.98, 1.01, 1.0])
    pose[:3, 3] = (2, -1, 1.5)
    moved = SpatialMap(texture.values, pose @ texture.affine)
    near = np.zeros(EXTENT, np.float32)
    near[4:20, 4:20, 4:22] = 1
    found = refine_affinely(texture, moved, SpatialMap(near, texture.affine))
    np.testing.assert_allclose(found[:3, :3], pose[:3, :3], atol=0.004)
    again = refine_affinely(texture, moved, SpatialMap(near, texture.affine))
    assert again.tobytes() == found.tobytes()
    whole = register_affinely(texture, moved, (20, 5))
    assert np.linalg.det(whole) == pytest.approx(np.linalg.det(pose), rel=0.02)


def test_what_cannot_be_registered_is_refused(texture: SpatialMap) -> None:
    empty = SpatialMap(np.zeros(EXTENT, np.float32), texture.affine)
    with pytest.raises(ScanError, match="the participant is empty"):
        register_affinely(texture, empty)
    broken = SpatialMap(texture.values * np.float32(np.nan), texture.affine)
    with pytest.raises(ScanError, match="not finite"):
        refine_affinely(texture, broken, texture)
