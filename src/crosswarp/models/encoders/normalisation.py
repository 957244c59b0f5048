"""Group normalisation in place of batch normalisation, in networks of other makers."""

import math
from typing import Final, Literal

from torch import nn

LargeNorm = Literal["batch", "group"]

GROUPS: Final = 32
"""Of a layer's features, as Wu & He have it; fewer where 32 do not divide them."""


def with_norm(network: nn.Module, norm: LargeNorm) -> nn.Module:
    """Give a network the normalisation that was chosen.

    Group normalisation takes its statistics from each scan alone, so it does the same
    whatever the size of a batch; those of batch normalisation are noise below a few
    scans.

    Args:
        network: With batch normalisation; changed in place.
        norm: ``batch`` leaves it as it is.

    Returns:
        The network, its weights under the same names.

    References:
        Wu & He (2018), Group normalization. ECCV.
    """
    if norm == "batch":
        return network
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.BatchNorm3d):
                features = child.num_features
                groups = nn.GroupNorm(math.gcd(GROUPS, features), features)
                setattr(module, name, groups)
    return network
