"""ResNetEncoder: MONAI's values, with the gradient that MONAI's shortcut cuts off."""

import pytest
import torch
from monai.networks import nets

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


def test_the_shortcut_lets_the_gradient_through() -> None:
    feature_map = torch.randn(2, 4, 5, 6, 7, requires_grad=True)
    padded = PaddedShortcut(7, 2)(feature_map)
    assert padded.shape == (2, 7, 3, 3, 4)
    assert torch.equal(padded[:, :4], feature_map[:, :, ::2, ::2, ::2])
    assert not padded[:, 4:].any()
    padded.sum().backward()
    assert feature_map.grad.sum() == 2 * 4 * 3 * 3 * 4
