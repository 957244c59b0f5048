"""3D DenseNet-121 encoder: MONAI's layers."""

from typing import Final

from torch import nn

from crosswarp.models.encoders.encoder import Encoder
from crosswarp.models.encoders.monai_networks import monai_networks
from crosswarp.models.encoders.normalisation import LargeNorm, with_norm
from crosswarp.types.tensors import FeatureMap, Volume

LAYERS: Final = (6, 12, 24, 16)
"""Of each dense block: with the others 121."""


class DenseNetEncoder(Encoder):
    """Encode one volume with DenseNet-121 without its pooling and classifier.

    Batch normalisation makes the scans of a batch depend on one another while
    training, not afterwards; group normalisation never does.

    Args:
        in_channels: Channels of the input volume.
        norm: ``batch`` as published, or ``group``.

    Example:
        >>> DenseNetEncoder().grid((77, 94, 82))
        (2, 3, 2)

    References:
        Huang et al. (2017), Densely connected convolutional networks. CVPR.
    """

    # Two convolving and pooling steps round up, three transitions round down.
    smallest_extent = 61
    whole_stride = 32

    def __init__(self, in_channels: int = 1, *, norm: LargeNorm = "batch") -> None:
        super().__init__()
        self.in_channels = in_channels
        network = monai_networks().DenseNet(
            spatial_dims=3,
            in_channels=in_channels,
            out_channels=1,
            block_config=LAYERS,
        )
        self.out_features = int(network.class_layers.out.in_features)
        self.stages = with_norm(nn.Sequential(network.features, nn.ReLU()), norm)

    def forward(self, volume: Volume) -> FeatureMap:
        """Encode a batch of volumes.

        Raises:
            ShapeError: If any spatial extent is below ``smallest_extent``.
        """
        self.check_extent(volume)
        features: FeatureMap = self.stages(volume)
        return features
