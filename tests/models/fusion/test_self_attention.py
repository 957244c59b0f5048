"""SelfAttention: every token reaches every token, of either map."""

import pytest
import torch

from crosswarp.models.fusion.self_attention import SelfAttention

GRID = (2, 3, 4)


@pytest.fixture
def maps() -> tuple[torch.Tensor, torch.Tensor]:
    t1w, jsm = torch.randn(2, 5, 16, *GRID)
    return t1w, jsm


@pytest.mark.parametrize("changed", [0, 1], ids=["T1w", "JSM"])
def test_one_voxel_of_either_map_changes_every_token(maps, changed: int) -> None:
    fusion = SelfAttention(16)
    before = fusion(*maps)
    assert before.shape == (5, 24, fusion.out_features) == (5, 24, 32)
    maps[changed][:, :, 0, 0, 1] += 1
    differs = (fusion(*maps) - before).abs().view(5, 24, 2, 16).amax((0, 3))
    assert (differs > 1e-7).all()


def test_a_token_keeps_what_it_was(maps) -> None:
    """With values of nothing, what comes out are the tokens that came in."""
    fusion = SelfAttention(16)
    for parameter in fusion.parameters():
        parameter.data.zero_()
    fused = fusion(*maps)
    torch.testing.assert_close(fused[..., :16], maps[0].flatten(2).mT)
    torch.testing.assert_close(fused[..., 16:], maps[1].flatten(2).mT)


def test_maps_can_be_swapped_unless_tokens_are_told_theirs(maps) -> None:
    t1w, jsm = maps
    same, told = SelfAttention(16), SelfAttention(16, modalities=True)
    swapped = same(jsm, t1w).roll(16, dims=2)
    torch.testing.assert_close(swapped, same(t1w, jsm), rtol=1e-4, atol=1e-5)
    assert not torch.allclose(told(jsm, t1w).roll(16, dims=2), told(t1w, jsm))
    extra = sum(p.numel() for p in told.parameters()) - sum(
        p.numel() for p in same.parameters()
    )
    assert extra == 2 * 16
