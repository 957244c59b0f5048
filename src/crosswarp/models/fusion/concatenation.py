"""Put the two feature maps side by side; the head does the rest."""

import torch

from crosswarp.models.fusion.fusion import Fusion
from crosswarp.models.tokens import as_tokens
from crosswarp.types.tensors import FeatureMap, FusedTokens


class Concatenation(Fusion):
    """Concatenate the features of both maps, voxel by voxel.

    Args:
        features: Features per voxel of each map.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.out_features = 2 * features

    def forward(self, t1w: FeatureMap, jsm: FeatureMap) -> FusedTokens:
        """Return a token a voxel."""
        return as_tokens(torch.cat([t1w, jsm], dim=1))
