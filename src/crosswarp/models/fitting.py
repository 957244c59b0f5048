"""Make the feature maps of different encoders fit one another."""

import torch.nn.functional as F
from torch import nn

from crosswarp.types.grid import Extent
from crosswarp.types.tensors import FeatureMap, ResampledMap


class Regrid(nn.Module):
    """Resample a feature map, linearly, onto another grid over the same volume.

    Args:
        grid: Extent of the feature map that comes out.
    """

    def __init__(self, grid: Extent) -> None:
        super().__init__()
        self.grid = grid

    def forward(self, feature_map: FeatureMap) -> ResampledMap:
        """Return a feature map on the grid, with the same features."""
        resampled: ResampledMap = F.interpolate(
            feature_map, self.grid, mode="trilinear", align_corners=False
        )
        return resampled
