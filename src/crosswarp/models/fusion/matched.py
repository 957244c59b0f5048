"""Fusions that differ in one thing alone: which tokens a map's tokens may attend to."""

from typing import Final, Literal

import torch
from torch import nn

from crosswarp.models.fusion.fusion import Fusion
from crosswarp.models.fusion.modality import Modalities
from crosswarp.models.tokens import initial_values
from crosswarp.types.tensors import (
    AttendedTokens,
    CarriedTokens,
    FeatureMap,
    FusedTokens,
    Tokens,
)

Reach = Literal["cross", "all", "bottleneck", "own"]

EXPANSION: Final = 2
"""Width of a block's two-layer perceptron over that of its tokens."""


class MatchedAttention(Fusion):
    """Attend in equal layers, each map with blocks of its own.

    A comparison of the paper's fusions is one of depth as well: cross-attention has one
    layer without a residual path, bottleneck attention has two with one. Here all have
    the same pre-norm transformer blocks, as many layers and the same output, the two
    tokens of a voxel side by side. What differs is what the tokens of a map attend to:

    - ``cross``: those of the other map;
    - ``all``: those of both maps (pairwise self-attention);
    - ``bottleneck``: those of their own map and a few learned ones, the mean of whose
      two updates goes on to the next layer;
    - ``own``: those of their own map. The maps meet only in the classifier, so this is
      what a fusion has to beat.

    Args:
        features: Features per voxel of both maps.
        heads: Attention heads; must divide ``features``.
        reach: What tokens attend to.
        layers: Blocks, one after another, of each map.
        bottlenecks: Tokens that carry information across, for ``bottleneck``.
        modalities: Whether tokens are told which map they come from.

    Example:
        All have the same number of parameters, but for four bottleneck tokens:

        >>> [
        ...     sum(p.numel() for p in MatchedAttention(64, reach=reach).parameters())
        ...     for reach in ("cross", "all", "own", "bottleneck")
        ... ]
        [133888, 133888, 133888, 134144]

    References:
        Blocks: Xiong et al. (2020), On layer normalization in the transformer
        architecture. ICML. Bottleneck: Nagrani et al. (2021), Attention bottlenecks for
        multimodal fusion. NeurIPS.
    """

    def __init__(
        self,
        features: int,
        heads: int = 4,
        *,
        reach: Reach,
        layers: int = 2,
        bottlenecks: int = 4,
        modalities: bool = False,
    ) -> None:
        super().__init__()
        self.reach = reach
        self.modalities = Modalities(features, told=modalities)
        self.bottleneck = (
            nn.Parameter(initial_values(bottlenecks, features))
            if reach == "bottleneck"
            else None
        )
        self.of_t1w, self.of_jsm = (
            nn.ModuleList(Block(features, heads) for _ in range(layers))
            for _ in ("t1w", "jsm")
        )
        self.out_features = 2 * features

    def forward(self, t1w: FeatureMap, jsm: FeatureMap) -> FusedTokens:
        """Return a token a voxel."""
        both = self.modalities(t1w, jsm)
        carried = self._carried(len(t1w))
        for of_t1w, of_jsm in zip(self.of_t1w, self.of_jsm, strict=True):
            blocks = of_t1w, of_jsm
            if carried is None:
                first, second = (
                    block(both[n], self._attended(both, n))
                    for n, block in enumerate(blocks)
                )
            else:
                first, second, carried = _through_bottleneck(blocks, both, carried)
            both = first, second
        return torch.cat(both, dim=2)

    def _carried(self, scans: int) -> CarriedTokens | None:
        if self.bottleneck is None:
            return None
        return self.bottleneck.expand(scans, -1, -1)

    def _attended(self, both: tuple[Tokens, Tokens], own: int) -> AttendedTokens:
        if self.reach == "own":
            return both[own]
        if self.reach == "cross":
            return both[1 - own]
        return torch.cat(both, dim=1)


def _through_bottleneck(
    blocks: tuple[nn.Module, nn.Module],
    both: tuple[Tokens, Tokens],
    carried: CarriedTokens,
) -> tuple[Tokens, Tokens, CarriedTokens]:
    found = []
    for block, tokens in zip(blocks, both, strict=True):
        sequence = torch.cat([tokens, carried], dim=1)
        found.append(block(sequence, sequence))
    count = both[0].shape[1]
    updates = (found[0][:, count:] + found[1][:, count:]) / 2
    return found[0][:, :count], found[1][:, :count], updates


class Block(nn.Module):
    """One pre-norm transformer block: attention, then a perceptron, both residual.

    Args:
        features: Number of features per token.
        heads: Attention heads; must divide ``features``.
    """

    def __init__(self, features: int, heads: int) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(features)
        self.attention = nn.MultiheadAttention(features, heads, batch_first=True)
        self.before_perceptron = nn.LayerNorm(features)
        self.perceptron = nn.Sequential(
            nn.Linear(features, EXPANSION * features),
            nn.GELU(),
            nn.Linear(EXPANSION * features, features),
        )

    def forward(self, tokens: Tokens, attended: AttendedTokens) -> Tokens:
        """Return as many tokens as came.

        Args:
            tokens: Tokens of one map.
            attended: What they may attend to.
        """
        asked = self.before_attention(attended)
        found = self.attention(
            self.before_attention(tokens), asked, asked, need_weights=False
        )[0]
        tokens = tokens + found
        through: Tokens = tokens + self.perceptron(self.before_perceptron(tokens))
        return through
