"""Fuse two feature maps as one sequence in which every token attends to every token."""

import torch

from crosswarp.models.fusion.cross_attention import Direction
from crosswarp.models.fusion.fusion import Fusion
from crosswarp.models.fusion.modality import Modalities
from crosswarp.types.tensors import FeatureMap, FusedTokens


class SelfAttention(Fusion):
    """Attend from every token of both maps to every token of both.

    What a token finds is added to what it was. The two tokens of a voxel come out
    side by side. The attention is the one of `CrossAttention`, so that the two differ
    in who attends to whom alone.

    Args:
        features: Features per voxel of both maps.
        heads: Attention heads; must divide ``features``.
        modalities: Whether tokens are told which map they come from.

    Example:
        >>> fusion = SelfAttention(64)
        >>> sum(p.numel() for p in fusion.parameters())
        29120

    References:
        Nagrani et al. (2021), Attention bottlenecks for multimodal fusion. NeurIPS:
        "vanilla" fusion, pairwise self-attention. Their layers have a normalisation
        and a perceptron as well: `MatchedAttention`.
    """

    def __init__(
        self, features: int, heads: int = 4, *, modalities: bool = False
    ) -> None:
        super().__init__()
        self.modalities = Modalities(features, told=modalities)
        self.attention = Direction(features, heads)
        self.out_features = 2 * features

    def forward(self, t1w: FeatureMap, jsm: FeatureMap) -> FusedTokens:
        """Return a token a voxel."""
        sequence = torch.cat(self.modalities(t1w, jsm), dim=1)
        both = sequence + self.attention(sequence, sequence)
        return torch.cat(both.chunk(2, dim=1), dim=2)
