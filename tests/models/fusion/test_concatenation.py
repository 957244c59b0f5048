"""Concatenation: both maps come through unchanged."""

import torch

from crosswarp.models.fusion.concatenation import Concatenation


def test_features_of_both_maps_stand_side_by_side() -> None:
    t1w, jsm = torch.randn(2, 5, 16, 2, 3, 4)
    fused = Concatenation(16)(t1w, jsm)
    torch.testing.assert_close(fused[:, 23, :16], t1w[..., 1, 2, 3])
    torch.testing.assert_close(fused[:, 23, 16:], jsm[..., 1, 2, 3])
