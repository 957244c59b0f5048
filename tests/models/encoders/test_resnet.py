"""ResNetEncoder: MONAI's values, with the gradient that MONAI's shortcut cuts off."""

import pytest
import torch
from monai.networks import nets
from torch import nn

from crosswarp.models.encoders.resnet import PaddedShortcut, ResNetEncoder


@pytest.mark.slow
@pytest.mark.parametrize("depth", [18, 50], ids=["zero padding", "convolution"])
def test_features_are_monais(depth: int) -> None:
    encoder = ResNetEncoder(depth).eval()
    theirs = getattr(nets, f"resnet{depth}")(
        spatial_dims=3,
        n_input_channels=1,
        conv1_t_stride=2,
        shortcut_type="A" if depth == 18 else "B",
        bias_downsample=False,
        feed_forward=False,
    )
    theirs.load_state_dict(encoder.stages.state_dict())
    volume = torch.randn(1, 1, 33, 35, 40)
    torch.testing.assert_close(
        encoder(volume).mean((2, 3, 4)), theirs.eval()(volume), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("depth", [10, 18])
def test_group_normalisation_takes_the_place_of_every_batch_one(depth: int) -> None:
    with torch.device("meta"):
        batch, group = (ResNetEncoder(depth, norm=n) for n in ("batch", "group"))
    kinds = [type(m) for m in group.modules()]
    assert nn.BatchNorm3d not in kinds
    normalised = [m for m in batch.modules() if isinstance(m, nn.BatchNorm3d)]
    assert kinds.count(nn.GroupNorm) == len(normalised)
    assert all(m.num_groups == 32 for m in group.modules() if hasattr(m, "num_groups"))
    trained = [{n: p.shape for n, p in e.named_parameters()} for e in (batch, group)]
    assert trained[0] == trained[1]


def test_the_shortcut_lets_the_gradient_through() -> None:
    feature_map = torch.randn(2, 4, 5, 6, 7, requires_grad=True)
    padded = PaddedShortcut(7, 2)(feature_map)
    assert padded.shape == (2, 7, 3, 3, 4)
    assert torch.equal(padded[:, :4], feature_map[:, :, ::2, ::2, ::2])
    assert not padded[:, 4:].any()
    padded.sum().backward()
    assert feature_map.grad.sum() == 2 * 4 * 3 * 3 * 4
