"""Tokens to one embedding a scan."""

import math
from typing import Final

import torch
from torch import nn

from crosswarp.errors import ShapeError
from crosswarp.types.tensors import Embedding, Tokens

HIDDEN: Final = 128
"""Features of the network that scores a token in gated attention."""


class Pooling(nn.Module):
    """One embedding from many tokens.

    Args:
        features: Number of features per token.
        tokens: How many; only some kinds need it.

    Attributes:
        out_features: Size of the embedding.
    """

    def __init__(self, features: int, tokens: int) -> None:
        super().__init__()
        del tokens
        self.out_features = features


class MeanPooling(Pooling):
    """Average over all tokens, as the paper does."""

    def forward(self, tokens: Tokens) -> Embedding:
        """Return one vector a scan."""
        embedding: Embedding = tokens.mean(dim=1)
        return embedding


class MaxPooling(Pooling):
    """Keep the largest value of each feature, wherever it is."""

    def forward(self, tokens: Tokens) -> Embedding:
        """Return one vector a scan."""
        embedding: Embedding = tokens.amax(dim=1)
        return embedding


class MeanMaxPooling(Pooling):
    """The mean and, beside it, the largest value."""

    def __init__(self, features: int, tokens: int) -> None:
        super().__init__(features, tokens)
        self.out_features = 2 * features

    def forward(self, tokens: Tokens) -> Embedding:
        """Return one vector a scan."""
        embedding: Embedding = torch.cat([tokens.mean(dim=1), tokens.amax(dim=1)], 1)
        return embedding


class AttentionPooling(Pooling):
    """Average with weights that the tokens themselves ask for.

    A token's score is linear in its features: one learned query, the same for all
    scans. `GatedAttentionPooling` scores with a small network.
    """

    def __init__(self, features: int, tokens: int) -> None:
        super().__init__(features, tokens)
        # No bias: it would raise every token's score alike.
        self.score = nn.Linear(features, 1, bias=False)

    def forward(self, tokens: Tokens) -> Embedding:
        """Return one vector a scan."""
        weights = self.score(tokens).softmax(dim=1)
        embedding: Embedding = (weights * tokens).sum(dim=1)
        return embedding


class GatedAttentionPooling(Pooling):
    """Average with weights from a small gated network.

    The score of a token h is ``w . (tanh(V h) * sigmoid(U h))``, without biases.

    References:
        Ilse et al. (2018), Attention-based deep multiple instance learning. ICML:
        equation 9, with as many hidden features as there.
    """

    def __init__(self, features: int, tokens: int) -> None:
        super().__init__(features, tokens)
        self.content = nn.Linear(features, HIDDEN, bias=False)
        self.gate = nn.Linear(features, HIDDEN, bias=False)
        self.score = nn.Linear(HIDDEN, 1, bias=False)

    def forward(self, tokens: Tokens) -> Embedding:
        """Return one vector a scan."""
        gated = torch.tanh(self.content(tokens)) * torch.sigmoid(self.gate(tokens))
        weights = self.score(gated).softmax(dim=1)
        embedding: Embedding = (weights * tokens).sum(dim=1)
        return embedding


class PlacePooling(Pooling):
    """Sum with a learned weight for each place and feature; a mean at the start.

    On a template grid a place is the same anatomy in everybody, so a small region
    can have its own weights.
    """

    def __init__(self, features: int, tokens: int) -> None:
        super().__init__(features, tokens)
        # Half of the division by the number of tokens is left outside, so that an
        # optimiser's step is neither lost nor too large.
        self.scale = 1 / math.sqrt(tokens)
        self.weight = nn.Parameter(torch.full((tokens, features), self.scale))

    def forward(self, tokens: Tokens) -> Embedding:
        """Return one vector a scan.

        Raises:
            ShapeError: If there are not as many tokens as learned weights.
        """
        if tokens.shape[1] != len(self.weight):
            msg = (
                f"the network was built for {len(self.weight)} tokens, got"
                f" {tokens.shape[1]}; give maps of the extent that it was built for"
            )
            raise ShapeError(msg)
        embedding: Embedding = (tokens * self.weight).sum(dim=1) * self.scale
        return embedding


POOLINGS: Final[dict[str, type[Pooling]]] = {
    "mean": MeanPooling,
    "max": MaxPooling,
    "mean_max": MeanMaxPooling,
    "attention": AttentionPooling,
    "gated_attention": GatedAttentionPooling,
    "place": PlacePooling,
}
