"""Regrid: a feature map on another grid over the same volume."""

import torch

from crosswarp.models.fitting import Regrid


def test_a_ramp_stays_a_ramp() -> None:
    """Voxel centres: a map of 4 voxels over [0, 1], and one of 2 over the same."""
    ramp = torch.tensor([1.0, 3.0, 5.0, 7.0]).reshape(1, 1, 4, 1, 1)
    coarse = Regrid((2, 1, 1))(ramp)
    assert coarse.flatten().tolist() == [2.0, 6.0]


def test_features_are_kept_apart() -> None:
    feature_map = torch.stack([torch.zeros(3, 4, 5), torch.ones(3, 4, 5)])[None]
    regridded = Regrid((5, 2, 3))(feature_map)
    assert regridded.shape == (1, 2, 5, 2, 3)
    assert not regridded[:, 0].any()
    assert (regridded[:, 1] == 1).all()
