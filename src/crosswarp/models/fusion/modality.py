"""Tell tokens of which map they are."""

from torch import nn

from crosswarp.models.tokens import as_tokens, initial_values
from crosswarp.types.tensors import FeatureMap, Tokens


class Modalities(nn.Module):
    """Flatten both feature maps and add one learned vector a map.

    In one sequence nothing else says which map a token comes from.

    Args:
        features: Number of features per token.
        told: Whether to add the vectors; without them there is nothing to learn.
    """

    def __init__(self, features: int, *, told: bool) -> None:
        super().__init__()
        self.vectors = nn.Parameter(initial_values(2, features)) if told else None

    def forward(self, t1w: FeatureMap, jsm: FeatureMap) -> tuple[Tokens, Tokens]:
        """Return the tokens of the T1w map and those of the JSM."""
        tokens = as_tokens(t1w), as_tokens(jsm)
        if self.vectors is None:
            return tokens
        return tokens[0] + self.vectors[0], tokens[1] + self.vectors[1]
