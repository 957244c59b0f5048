"""The affine search on its own: large rotations, sizes and shears of a real head."""

import numpy as np
import pytest
import torch

from crosswarp.registration.torch_lncc.affine import AffineSearch
from crosswarp.registration.torch_lncc.pyramid import standardised
from tests.registration.deformed import template_at, turned

pytestmark = [pytest.mark.slow, pytest.mark.registration]


def found(pose: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Millimetres by which the search misses, at points all over the brain."""
    brain = template_at(4)
    image = standardised(torch.from_numpy(brain.values))
    to_world = torch.from_numpy(brain.affine)
    to_voxels = torch.linalg.inv(torch.from_numpy(pose @ brain.affine))
    search = AffineSearch(image, image, to_world, to_voxels)
    affine = search.best((40, 40), radius=3).numpy()
    voxels = np.argwhere(brain.values > 0.2)
    points = np.c_[voxels, np.ones(len(voxels))] @ brain.affine.T
    return points @ (affine - pose).T, affine


@pytest.mark.parametrize(
    ("degrees", "about"), [(25, 0), (-25, 1), (30, 2)], ids=["nod", "tilt", "shake"]
)
def test_a_head_that_lies_crooked_is_found(degrees: int, about: int) -> None:
    pose = turned(degrees, about)
    pose[:3, 3] = (15, -30, 40)
    misses, _ = found(pose)
    assert np.linalg.norm(misses[:, :3], axis=1).mean() < 0.2


def test_size_and_shear_are_found() -> None:
    pose = np.diag([0.8, 0.9, 0.85, 1.0])
    pose[0, 1] = 0.08
    misses, affine = found(pose)
    assert np.linalg.norm(misses[:, :3], axis=1).mean() < 0.2
    np.testing.assert_allclose(affine[:3, :3], pose[:3, :3], atol=0.01)
    assert affine[3].tolist() == [0, 0, 0, 1]
