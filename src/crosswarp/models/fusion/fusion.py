"""What every fusion promises."""

from torch import nn


class Fusion(nn.Module):
    """Two feature maps on one grid to one sequence of tokens.

    Attributes:
        out_features: Features per token that comes out.
    """

    out_features: int
