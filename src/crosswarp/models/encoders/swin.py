"""Swin UNETR's encoder: MONAI's layers, windows of attention on ever coarser grids."""

from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import nn

from crosswarp.models.encoders.encoder import Encoder
from crosswarp.models.encoders.monai_networks import monai_networks
from crosswarp.types.tensors import ChannelsLast, CoarserLast, FeatureMap, Volume

EMBEDDED: Final = 48
"""Features of the first stage; each of the four next ones doubles them."""

WINDOW: Final = 7
"""Voxels of a grid, along each axis, that attend to one another."""

REPEATED: Final = (
    *((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)),
    *((1, 0, 1), (0, 1, 0), (0, 0, 1), (1, 1, 1)),
)
"""Corners of eight voxels that MONAI merged before version 1.5: two of them twice."""


class SwinEncoder(Encoder):
    """Encode one volume with the transformer of Swin UNETR, without its decoder.

    It has no batch statistics: the scans of a batch never mix. While training, each
    block is computed again for the backward pass instead of kept, with the same
    numbers: the attention of one scan at 1 mm would take 35 GB.

    Args:
        in_channels: Channels of the input volume.
        repeated: Whether eight voxels are merged as MONAI did before version 1.5, from
            two corners twice and two never; weights of that time expect it.

    Example:
        >>> encoder = SwinEncoder()
        >>> encoder.grid((77, 94, 82))
        (3, 3, 3)
        >>> sum(p.numel() for p in encoder.parameters())
        8062002

    References:
        Hatamizadeh et al. (2022), Swin UNETR, arXiv 2201.01266. Tang et al. (2022),
        Self-supervised pre-training of Swin transformers for 3D medical image
        analysis. CVPR. Corners: issue 8284 of MONAI's repository.
    """

    smallest_extent = 33
    whole_stride = 32

    def __init__(self, in_channels: int = 1, *, repeated: bool = False) -> None:
        super().__init__()
        self.in_channels = in_channels
        # Made elsewhere than on the meta device: MONAI reads numbers from a tensor.
        wanted = torch.get_default_device()
        with torch.device("cpu"):
            transformer = monai_networks().swin_unetr.SwinTransformer(
                in_chans=in_channels,
                embed_dim=EMBEDDED,
                window_size=(WINDOW,) * 3,
                patch_size=(2, 2, 2),
                depths=(2, 2, 2, 2),
                num_heads=(3, 6, 12, 24),
                use_checkpoint=True,
            )
        if repeated:
            _merge_repeated(transformer)
        self.transformer = transformer.to(wanted)
        self.out_features = 16 * EMBEDDED

    def train(self, mode: bool = True) -> "SwinEncoder":
        """Choose between training and evaluation, where nothing is computed twice."""
        for module in self.transformer.modules():
            if hasattr(module, "use_checkpoint"):
                module.use_checkpoint = mode
        return super().train(mode)

    def forward(self, volume: Volume) -> FeatureMap:
        """Encode a batch of volumes.

        Raises:
            ShapeError: If any spatial extent is below ``smallest_extent``.
        """
        self.check_extent(volume)
        features: FeatureMap = self.transformer(volume)[-1]
        return features


class RepeatedMerging(nn.Module):
    """Merge eight voxels as MONAI did before version 1.5.

    Args:
        norm: Normalisation of the merged features.
        reduction: Merged features to those of the next stage.
    """

    def __init__(self, norm: nn.Module, reduction: nn.Module) -> None:
        super().__init__()
        self.norm = norm
        self.reduction = reduction

    def forward(self, features: ChannelsLast) -> CoarserLast:
        """Return half as many voxels along each axis."""
        i, j, k = (extent % 2 for extent in features.shape[1:4])
        padded = F.pad(features, (0, 0, 0, k, 0, j, 0, i))
        corners = [padded[:, i::2, j::2, k::2] for i, j, k in REPEATED]
        merged: CoarserLast = self.reduction(self.norm(torch.cat(corners, dim=-1)))
        return merged


def _merge_repeated(transformer: nn.Module) -> None:
    """Exchange the merging of every stage; names of weights stay as they are."""
    for stage in transformer.modules():
        merging: Any = getattr(stage, "downsample", None)
        if merging is not None:
            stage.downsample = RepeatedMerging(merging.norm, merging.reduction)


def whole_swin_unetr(in_channels: int = 1) -> Any:  # noqa: ANN401 - MONAI
    """Build Swin UNETR with its decoder, to count it."""
    network: nn.Module = monai_networks().SwinUNETR(
        in_channels=in_channels, out_channels=2, feature_size=EMBEDDED
    )
    return network
