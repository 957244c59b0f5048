"""Bottleneck: a few tokens alone carry information from one map to the other."""

import pytest
import torch

from crosswarp.models.fusion.bottleneck import Bottleneck

GRID = (2, 3, 4)


@pytest.fixture
def maps() -> tuple[torch.Tensor, torch.Tensor]:
    t1w, jsm = torch.randn(2, 5, 16, *GRID)
    return t1w, jsm


def reached(fusion: Bottleneck, maps, changed: int) -> torch.Tensor:
    """Say which tokens of each map one changed voxel reaches."""
    before = fusion(*maps)
    assert before.shape == (5, 24, fusion.out_features) == (5, 24, 32)
    after = [m.clone() for m in maps]
    after[changed][:, :, 0, 0, 1] += 1
    return (fusion(*after) - before).abs().view(5, 24, 2, 16).amax((0, 3)) > 1e-8


@pytest.mark.parametrize("changed", [0, 1], ids=["T1w", "JSM"])
def test_one_voxel_reaches_every_token_of_both_maps(maps, changed: int) -> None:
    assert reached(Bottleneck(16), maps, changed).all()


@pytest.mark.parametrize("changed", [0, 1], ids=["T1w", "JSM"])
def test_nothing_crosses_but_through_the_bottleneck(maps, changed: int) -> None:
    """The second layer reads what the first one wrote: without a second, nothing."""
    fusion = Bottleneck(16)
    fusion.of_t1w, fusion.of_jsm = fusion.of_t1w[:1], fusion.of_jsm[:1]
    found = reached(fusion, maps, changed)
    assert found[:, changed].all()
    assert not found[:, 1 - changed].any()


def test_what_is_learned_of_the_bottleneck() -> None:
    few, many = Bottleneck(16, bottlenecks=1), Bottleneck(16, bottlenecks=5)
    assert few.bottleneck.shape == (1, 16)
    assert many.bottleneck.shape == (5, 16)
    assert many.bottleneck.std() > 0
