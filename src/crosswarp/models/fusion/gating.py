"""Let the log-Jacobian's features say which of the T1w's features count."""

from torch import nn

from crosswarp.models.fusion.fusion import Fusion
from crosswarp.models.tokens import as_tokens
from crosswarp.types.tensors import FeatureMap, FusedTokens


class Gating(Fusion):
    """Multiply each T1w feature by a number from 0 to 1 that the JSM's decide.

    Nothing of the JSM comes through but the gates. The paper's own baseline
    multiplies the two volumes instead: `MultipliedClassifier`.

    Args:
        features: Features per voxel of both maps.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.gate = nn.Sequential(nn.Conv3d(features, features, 1), nn.Sigmoid())
        self.out_features = features

    def forward(self, t1w: FeatureMap, jsm: FeatureMap) -> FusedTokens:
        """Return a token a voxel."""
        return as_tokens(t1w * self.gate(jsm))
