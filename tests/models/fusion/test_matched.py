"""MatchedAttention: equal blocks; only what tokens may attend to differs."""

import pytest
import torch

from crosswarp.models.fusion.matched import MatchedAttention

GRID = (2, 3, 4)
REACHES = ("cross", "all", "bottleneck", "own")


@pytest.fixture
def maps() -> tuple[torch.Tensor, torch.Tensor]:
    t1w, jsm = torch.randn(2, 3, 16, *GRID)
    return t1w, jsm


def reached(fusion: MatchedAttention, maps, changed: int) -> torch.Tensor:
    """Say which tokens of each map one changed voxel reaches."""
    before = fusion(*maps)
    assert before.shape == (3, 24, fusion.out_features) == (3, 24, 32)
    after = [m.clone() for m in maps]
    after[changed][:, :, 0, 0, 1] += torch.randn(16)
    return (fusion(*after) - before).abs().view(3, 24, 2, 16).amax((0, 3)) > 1e-8


def parameters(fusion: MatchedAttention) -> int:
    return sum(p.numel() for p in fusion.parameters())


def test_all_are_of_one_size_but_for_the_bottlenecks_tokens() -> None:
    for layers in (2, 3):
        cross, both, carried, own = (
            parameters(MatchedAttention(16, reach=reach, layers=layers))
            for reach in REACHES
        )
        assert cross == both == own == carried - 4 * 16
    assert parameters(MatchedAttention(16, reach="own", layers=3)) == own


@pytest.mark.parametrize("changed", [0, 1], ids=["T1w", "JSM"])
@pytest.mark.parametrize("reach", ["cross", "all", "bottleneck"])
def test_one_voxel_reaches_every_token_of_both_maps(maps, reach, changed) -> None:
    assert reached(MatchedAttention(16, reach=reach), maps, changed).all()


@pytest.mark.parametrize("changed", [0, 1], ids=["T1w", "JSM"])
def test_separate_maps_do_not_meet(maps, changed: int) -> None:
    found = reached(MatchedAttention(16, reach="own"), maps, changed)
    assert found[:, changed].all()
    assert not found[:, 1 - changed].any()


@pytest.mark.parametrize("changed", [0, 1], ids=["T1w", "JSM"])
def test_one_layer_shows_what_is_attended_to(maps, changed: int) -> None:
    """Its residual path keeps a token's own place, its attention brings the rest."""
    cross = reached(MatchedAttention(16, reach="cross", layers=1), maps, changed)
    assert cross[:, 1 - changed].all()
    assert cross[:, changed].sum() == 1
    carried = reached(MatchedAttention(16, reach="bottleneck", layers=1), maps, changed)
    assert not carried[:, 1 - changed].any()


def test_told_tokens_know_their_map(maps) -> None:
    told = MatchedAttention(16, reach="all", modalities=True)
    assert parameters(told) == parameters(MatchedAttention(16, reach="all")) + 2 * 16
    assert told(*maps).shape == (3, 24, 32)
