"""sample agrees with SciPy's interpolation, inside and outside the grid."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from crosswarp.registration.torch_lncc.sampling import (
    moved_places,
    sample,
    voxel_places,
)

CPU = torch.device("cpu")
MATRIX = torch.tensor(
    [[0.9, 0.1, 0, 1.3], [-0.2, 1.1, 0, 0.4], [0, 0.3, 0.8, -2], [0, 0, 0, 1]]
)


@pytest.mark.parametrize(
    ("outside", "mode"), [("zeros", "grid-constant"), ("border", "nearest")]
)
def test_values_are_scipys(outside, mode: str, rng: np.random.Generator) -> None:
    volume = rng.standard_normal((7, 8, 9)).astype(np.float32)
    places = moved_places(voxel_places((6, 10, 8), CPU), MATRIX)
    ours = sample(torch.from_numpy(volume)[None], places, outside)[0].numpy()
    theirs = ndimage.map_coordinates(volume, places.numpy(), order=1, mode=mode)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_matrix_moves_each_voxel() -> None:
    there = moved_places(voxel_places((3, 4, 5), CPU), MATRIX)
    expected = MATRIX.numpy() @ [2, 3, 4, 1]
    np.testing.assert_allclose(there[:, 2, 3, 4].numpy(), expected[:3], rtol=1e-6)
