"""Gating: the JSM decides how much of each T1w feature comes through."""

import torch

from crosswarp.models.fusion.gating import Gating


def test_gates_lie_between_nothing_and_all() -> None:
    t1w, jsm = torch.randn(2, 5, 8, 2, 3, 4)
    fusion = Gating(8)
    fused = fusion(t1w, jsm)
    assert fused.shape == (5, 24, fusion.out_features) == (5, 24, 8)
    gates = fused / t1w.flatten(2).mT
    assert gates.min() > 0
    assert gates.max() < 1
    assert gates.std() > 0.05


def test_where_the_image_is_empty_nothing_comes_of_the_jsm() -> None:
    fused = Gating(8)(torch.zeros(1, 8, 2, 2, 2), torch.randn(1, 8, 2, 2, 2))
    assert not fused.any()
