"""Feature maps as sequences of tokens, and where each token lies."""

from typing import Final

import torch
from einops import rearrange
from torch import Tensor, nn

from crosswarp.errors import ShapeError
from crosswarp.types.grid import Extent
from crosswarp.types.tensors import FeatureMap, Tokens

INITIAL_SD: Final = 0.2
"""Of a position's features: felt beside features of about unit size."""


def as_tokens(feature_map: FeatureMap) -> Tokens:
    """Flatten the grid, its last axis fastest."""
    tokens: Tokens = rearrange(feature_map, "b f i j k -> b (i j k) f")
    return tokens


class Positions(nn.Module):
    """Add to each voxel of a feature map what is learned of its place.

    One learned vector for each index along each axis; a place has the sum of its
    three. So places share what they learn with others of the same plane, which few
    participants need.

    Args:
        features: Number of features per voxel.
        grid: Extent of the feature map.
    """

    def __init__(self, features: int, grid: Extent) -> None:
        super().__init__()
        self.axes = nn.ParameterList(initial_values(features, n) for n in grid)

    def forward(self, feature_map: FeatureMap) -> FeatureMap:
        """Return a feature map of the same shape.

        Raises:
            ShapeError: If the grid is not the one that was learned.
        """
        expected = tuple(axis.shape[1] for axis in self.axes)
        got = tuple(feature_map.shape[2:])
        if got != expected:
            msg = (
                f"the network was built for a feature map of {expected} voxels, got"
                f" {got}; give maps of the extent that it was built for"
            )
            raise ShapeError(msg)
        i, j, k = self.axes
        placed: FeatureMap = (
            feature_map
            + i[:, :, None, None]
            + j[:, None, :, None]
            + k[:, None, None, :]
        )
        return placed


def initial_values(rows: int, columns: int) -> Tensor:
    """Draw the first values of what is learned for places or maps.

    On the meta device there is nothing to draw, and to draw it loads a compiler.

    Args:
        rows: Number of rows.
        columns: Number of columns.
    """
    values = torch.empty(rows, columns)
    return values if values.is_meta else INITIAL_SD * values.normal_()
