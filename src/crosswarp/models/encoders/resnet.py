"""3D ResNet encoders: MONAI's layers, with the names of the MedicalNet weights."""

from functools import partial
from typing import Any, Final, Literal

import torch.nn.functional as F
from torch import nn

from crosswarp.models.encoders.encoder import Encoder
from crosswarp.models.encoders.monai_networks import monai_networks
from crosswarp.models.encoders.normalisation import LargeNorm, with_norm
from crosswarp.types.tensors import CoarserMap, FeatureMap, Volume

Depth = Literal[10, 18, 34, 50]
FirstStride = Literal[1, 2]
Shortcut = Literal["A", "B", "B with bias"]

BLOCKS: Final[dict[Depth, tuple[Literal["basic", "bottleneck"], list[int]]]] = {
    10: ("basic", [1, 1, 1, 1]),
    18: ("basic", [2, 2, 2, 2]),
    34: ("basic", [3, 4, 6, 3]),
    50: ("bottleneck", [3, 4, 6, 3]),
}
"""Kind, and how many in each stage."""

WIDTHS: Final = (64, 128, 256, 512)
"""Features of the stages; a bottleneck gives four times as many."""

SHORTCUT: Final[dict[Depth, Shortcut]] = {10: "B", 18: "A", 34: "A", 50: "B"}
"""As the MedicalNet weights have it: A pads with zeros, B is a convolution."""


class ResNetEncoder(Encoder):
    """Encode one volume with a 3D ResNet without its pooling and classifier.

    Each of five steps halves the grid. Batch normalisation makes the scans of a
    batch depend on one another while training, not afterwards; group normalisation
    never does.

    Args:
        depth: Layers with weights.
        in_channels: Channels of the input volume.
        first_stride: Of the first convolution. 2 is what He et al. and MedicalNet
            have. 1 is MONAI's default: eight times the tokens, and eight times the
            memory and time.
        norm: ``batch`` as published, and as the MedicalNet weights need it, or
            ``group``.
        shortcut: ``A`` pads with zeros, ``B`` is a convolution, ``B with bias`` is
            MONAI's default; that of the MedicalNet weights when None.

    Example:
        >>> ResNetEncoder(10).grid((77, 94, 82))
        (3, 3, 3)
        >>> ResNetEncoder(10, first_stride=1).grid((77, 94, 82))
        (5, 6, 6)

    References:
        He et al. (2016), Deep residual learning for image recognition. CVPR.
        Chen et al. (2019), Med3D: transfer learning for 3D medical image analysis,
        arXiv 1904.00625. MedicalNet dilates its last two stages; MONAI's, and so
        these, have strides there. The weights fit both.
    """

    def __init__(
        self,
        depth: Depth,
        in_channels: int = 1,
        *,
        first_stride: FirstStride = 2,
        norm: LargeNorm = "batch",
        shortcut: Shortcut | None = None,
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.smallest_extent = 16 * first_stride + 1
        self.whole_stride = 16 * first_stride
        block, layers = BLOCKS[depth]
        self.out_features = WIDTHS[-1] * (4 if block == "bottleneck" else 1)
        kind, _, bias = (shortcut or SHORTCUT[depth]).partition(" with ")
        network = monai_networks().ResNet(
            block,
            layers,
            list(WIDTHS),
            spatial_dims=3,
            n_input_channels=in_channels,
            conv1_t_stride=first_stride,
            shortcut_type=kind,
            bias_downsample=bool(bias),
            feed_forward=False,
        )
        self.stages = with_norm(_without_classifier(network), norm)

    def forward(self, volume: Volume) -> FeatureMap:
        """Encode a batch of volumes.

        Raises:
            ShapeError: If any spatial extent is below ``smallest_extent``.
        """
        self.check_extent(volume)
        features: FeatureMap = self.stages(volume)
        return features


class PaddedShortcut(nn.Module):
    """Thin a feature map and pad its features with zeros.

    MONAI's own reads ``.data`` and so cuts the gradient off; the values are the same.

    Args:
        features: Features of a voxel after padding.
        stride: Between the voxels that are kept.
    """

    def __init__(self, features: int, stride: int) -> None:
        super().__init__()
        self.features = features
        self.stride = stride

    def forward(self, feature_map: FeatureMap) -> CoarserMap:
        """Return a feature map of ``features``."""
        step = self.stride
        thinned = feature_map[:, :, ::step, ::step, ::step]
        lacking = self.features - thinned.shape[1]
        padded: CoarserMap = F.pad(thinned, [0] * 7 + [lacking])
        return padded


def _without_classifier(network: Any) -> nn.Sequential:  # noqa: ANN401 - MONAI
    """Keep the convolutional stages under the names that weight files have."""
    names = ("conv1", "bn1", "act", "maxpool", "layer1", "layer2", "layer3", "layer4")
    stages = nn.Sequential()
    for name in names:
        stages.add_module(name, getattr(network, name))
    for block in stages.modules():
        shortcut = getattr(block, "downsample", None)
        if isinstance(shortcut, partial):
            given = shortcut.keywords
            block.downsample = PaddedShortcut(given["planes"], given["stride"])
    return stages
