"""CompactCNN: the token grid, and that left and right are treated alike."""

import pytest
import torch

from crosswarp.errors import InputError
from crosswarp.models.encoders.compact_cnn import CompactCNN


@pytest.mark.parametrize(
    ("extent", "tokens"),
    [
        ((72, 92, 78), 6 * 8 * 7),
        ((77, 94, 82), 7 * 8 * 7),
        ((91, 109, 91), 8 * 10 * 8),
        ((97, 115, 97), 9 * 10 * 9),
    ],
    ids=str,
)
def test_grids_at_2_mm_have_many_tokens(
    extent: tuple[int, int, int], tokens: int
) -> None:
    i, j, k = CompactCNN().grid(extent)
    assert i * j * k == tokens >= 100


def test_a_mirrored_volume_gives_a_mirrored_map_where_kernels_are_even() -> None:
    encoder = CompactCNN(features=4, blocks=1)
    with torch.no_grad():
        for parameter in encoder.parameters():
            if parameter.ndim == 5:
                parameter.add_(parameter.flip(2).clone())
    even = torch.randn(1, 1, 24, 26, 27)
    torch.testing.assert_close(
        encoder(even).flip(2), encoder(even.flip(2)), rtol=1e-4, atol=1e-5
    )


def test_two_channels_are_taken() -> None:
    assert CompactCNN(2)(torch.randn(3, 2, 13, 14, 25)).shape == (3, 64, 2, 2, 3)


@pytest.mark.parametrize("strides", [(), (2, 4)], ids=["none", "four"])
def test_other_strides_are_refused(strides: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="strides must be 2 or 3"):
        CompactCNN(strides=strides)


def test_dropout_leaves_features_out_only_in_training() -> None:
    encoder = CompactCNN(dropout=0.5, norm="instance")
    volume = torch.randn(1, 1, 48, 48, 48)
    dropped = encoder(volume).flatten(2).abs().sum(2) == 0
    assert 5 < dropped.sum() < 59
    assert not (encoder.eval()(volume).flatten(2).abs().sum(2) == 0).any()
