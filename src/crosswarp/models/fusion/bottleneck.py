"""Fuse two feature maps through a few tokens that alone carry information across."""

from typing import Final

import torch
from torch import nn

from crosswarp.models.fusion.cross_attention import Direction
from crosswarp.models.fusion.fusion import Fusion
from crosswarp.models.fusion.modality import Modalities
from crosswarp.models.tokens import initial_values
from crosswarp.types.tensors import (
    CarriedTokens,
    FeatureMap,
    FusedTokens,
    Tokens,
)

LAYERS: Final = 2
"""The fewest that carry anything: the first one fills the bottleneck, the second one
reads it."""


class Bottleneck(Fusion):
    """Attend, in each map, to its own tokens and to a few learned ones.

    In each layer every map's tokens and the bottleneck's attend to the same ones,
    each map with attention of its own; what they find is added to what they were.
    The two updates of the bottleneck are averaged. The two tokens of a voxel come
    out side by side.

    Args:
        features: Features per voxel of both maps.
        heads: Attention heads; must divide ``features``.
        bottlenecks: Tokens that carry information across.
        modalities: Whether tokens are told which map they come from.

    Example:
        >>> fusion = Bottleneck(64)
        >>> sum(p.numel() for p in fusion.parameters())
        116736

    References:
        Nagrani et al. (2021), Attention bottlenecks for multimodal fusion. NeurIPS:
        their way across and their mean of the updates. Their layers have a
        normalisation and a perceptron as well: `MatchedAttention`.
    """

    def __init__(
        self,
        features: int,
        heads: int = 4,
        *,
        bottlenecks: int = 4,
        modalities: bool = False,
    ) -> None:
        super().__init__()
        self.modalities = Modalities(features, told=modalities)
        self.bottleneck = nn.Parameter(initial_values(bottlenecks, features))
        self.of_t1w, self.of_jsm = (
            nn.ModuleList(Direction(features, heads) for _ in range(LAYERS))
            for _ in ("t1w", "jsm")
        )
        self.out_features = 2 * features

    def forward(self, t1w: FeatureMap, jsm: FeatureMap) -> FusedTokens:
        """Return a token a voxel."""
        own_t1w, own_jsm = self.modalities(t1w, jsm)
        carried: CarriedTokens = self.bottleneck.expand(t1w.shape[0], -1, -1)
        for of_t1w, of_jsm in zip(self.of_t1w, self.of_jsm, strict=True):
            own_t1w, from_t1w = _attend(of_t1w, own_t1w, carried)
            own_jsm, from_jsm = _attend(of_jsm, own_jsm, carried)
            carried = (from_t1w + from_jsm) / 2
        return torch.cat([own_t1w, own_jsm], dim=2)


def _attend(
    attention: nn.Module, own: Tokens, carried: CarriedTokens
) -> tuple[Tokens, CarriedTokens]:
    sequence = torch.cat([own, carried], dim=1)
    sequence = sequence + attention(sequence, sequence)
    count = own.shape[1]
    return sequence[:, :count], sequence[:, count:]
