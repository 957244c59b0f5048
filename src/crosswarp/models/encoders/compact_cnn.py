"""Compact 3D CNN encoder: strided convolutions, a fine token grid at 2 mm."""

import math
from collections.abc import Callable, Sequence
from typing import Final, Literal

import torch.nn.functional as F
from torch import nn

from crosswarp.errors import InputError
from crosswarp.models.encoders.encoder import Encoder
from crosswarp.types.grid import Extent
from crosswarp.types.tensors import FeatureMap, Volume

Norm = Literal["group", "instance", "batch", "none"]

SMALLEST_GRID: Final = 2
"""Fewest tokens along an axis: with one there would be nowhere to attend to."""

FEATURES_A_GROUP: Final = 8

_SHAPES: Final = {2: (4, 1), 3: (3, 0)}
"""Kernel and padding for each stride: both treat left and right alike."""


class CompactCNN(Encoder):
    """Encode one volume on a grid fine enough to attend over.

    Each stage is a strided convolution, a normalisation and a ReLU, and doubles
    the features. The volume is padded with zeros, evenly on both sides, to a
    multiple of the whole stride, so that the two hemispheres are treated alike and
    no voxel is dropped.

    Args:
        in_channels: Channels of the input volume.
        features: Of the first stage.
        strides: Of each stage, 2 or 3.
        norm: What follows each convolution. ``group`` and ``instance`` do not
            depend on the other scans of a batch.
        blocks: Residual blocks at the end, on the grid of the tokens.
        dropout: Chance that a feature is left out, for a whole scan, at the end.

    Raises:
        InputError: If a stride is neither 2 nor 3.

    Example:
        A brain at 2 mm:

        >>> CompactCNN().grid((72, 92, 78))
        (6, 8, 7)
    """

    def __init__(
        self,
        in_channels: int = 1,
        *,
        features: int = 16,
        strides: Sequence[int] = (2, 2, 3),
        norm: Norm = "group",
        blocks: int = 0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        unknown = sorted(set(strides) - set(_SHAPES))
        if unknown or not strides:
            msg = f"strides must be 2 or 3, got {list(strides)}"
            raise InputError(msg)
        self.in_channels = in_channels
        self.whole_stride = math.prod(strides)
        self.smallest_extent = (SMALLEST_GRID - 1) * self.whole_stride + 1
        layers: list[nn.Module] = []
        for stride in strides:
            kernel, padding = _SHAPES[stride]
            layers += [
                # A bias would be taken out again by the normalisation.
                nn.Conv3d(
                    in_channels, features, kernel, stride, padding, bias=norm == "none"
                ),
                _norm_layer(norm, features),
                nn.ReLU(),
            ]
            in_channels, features = features, 2 * features
        layers += [ResidualBlock(in_channels, norm) for _ in range(blocks)]
        self.out_features = in_channels
        self.stages = nn.Sequential(*layers, nn.Dropout3d(dropout))

    def grid(self, extent: Extent) -> Extent:
        """Return the extent of the feature map of a volume, from the strides alone.

        To have torch tell it loads a compiler: two seconds of every process.

        Raises:
            ShapeError: If the volume would be too small.
        """
        self.check_voxels(extent)
        i, j, k = (-(-voxels // self.whole_stride) for voxels in extent)
        return (i, j, k)

    def forward(self, volume: Volume) -> FeatureMap:
        """Encode a batch of volumes.

        Raises:
            ShapeError: If any spatial extent is below ``smallest_extent``.
        """
        self.check_extent(volume)
        pads: list[int] = []
        for voxels in reversed(volume.shape[2:]):  # the last axis comes first
            lacking = -voxels % self.whole_stride
            pads += [lacking // 2, lacking - lacking // 2]
        features: FeatureMap = self.stages(F.pad(volume, pads))
        return features


class ResidualBlock(nn.Module):
    """Add what two convolutions find to what came in.

    Args:
        features: In and out.
        norm: What follows each convolution.

    References:
        He et al. (2016), Deep residual learning for image recognition. CVPR.
    """

    def __init__(self, features: int, norm: Norm) -> None:
        super().__init__()
        bias = norm == "none"
        self.residual = nn.Sequential(
            nn.Conv3d(features, features, 3, padding=1, bias=bias),
            _norm_layer(norm, features),
            nn.ReLU(),
            nn.Conv3d(features, features, 3, padding=1, bias=bias),
            _norm_layer(norm, features),
        )

    def forward(self, feature_map: FeatureMap) -> FeatureMap:
        """Return a feature map of the same shape."""
        summed: FeatureMap = F.relu(feature_map + self.residual(feature_map))
        return summed


def _norm_layer(norm: Norm, features: int) -> nn.Module:
    layers: dict[Norm, Callable[[], nn.Module]] = {
        "group": lambda: nn.GroupNorm(max(features // FEATURES_A_GROUP, 1), features),
        "instance": lambda: nn.GroupNorm(features, features),
        "batch": lambda: nn.BatchNorm3d(features),
        "none": nn.Identity,
    }
    return layers[norm]()
