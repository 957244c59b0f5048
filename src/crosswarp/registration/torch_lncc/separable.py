"""Linear maps of volumes that work axis by axis, as three matrix products.

On a CPU a product with a dense matrix whose entries lie along a band is some seven
times faster than PyTorch's convolution; on a GPU it is fast as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch

from crosswarp.types.grid import Extent
from crosswarp.types.tensors import AxisMatrix, Images, OtherImages

_UNFELT: Final = 1e-12
"""Share of a sum; a 32-bit float is rounded by some 1e-7."""


@dataclass(frozen=True)
class Separable:
    """A map of volumes; each matrix takes one axis (columns) to a new one (rows)."""

    i: AxisMatrix
    j: AxisMatrix
    k: AxisMatrix

    def __call__(self, volumes: Images) -> OtherImages:
        """Apply it to one volume or to several."""
        along_k = volumes @ self.k.T
        along_j = self.j @ along_k
        flat = self.i @ along_j.flatten(-2)
        mapped: OtherImages = flat.reshape(*flat.shape[:-1], *along_j.shape[-2:])
        return mapped


def gaussian(extent: Extent, width: float, device: torch.device) -> Separable:
    """Smooth with a Gaussian; at an edge, the mean of what is inside.

    Args:
        extent: Of the volumes.
        width: Standard deviation in voxels; 0 changes nothing.
        device: Where the volumes are.
    """
    narrow = max(width, 1e-3)
    return _banded(
        extent, lambda apart: torch.exp(-0.5 * (apart / narrow) ** 2), device
    )


def windows(extent: Extent, widths: list[float], device: torch.device) -> Separable:
    """Sum under a Gaussian of height one share; nothing lies beyond an edge.

    Args:
        extent: Of the volumes.
        widths: Standard deviation along each axis, in voxels.
        device: Where the volumes are.
    """
    matrices = []
    for n, width in zip(extent, widths, strict=True):
        places = torch.arange(n, dtype=torch.float64)
        bells = torch.exp(-0.5 * ((places[None, :] - places[:, None]) / width) ** 2)
        matrices.append(_entries(bells / bells.sum(1).max()).to(device))
    i, j, k = matrices
    return Separable(i, j, k)


def box(extent: Extent, radius: int, device: torch.device) -> Separable:
    """Take the mean over a cube of ``2 radius + 1`` voxels, cut off at an edge."""
    return _banded(extent, lambda apart: (apart.abs() <= radius).double(), device)


def doubling(coarse: Extent, fine: Extent, device: torch.device) -> Separable:
    """Interpolate linearly to a grid of half the spacing; the first voxel stays.

    Args:
        coarse: Extent of the volumes.
        fine: Extent wanted; beyond the last coarse voxel its value is kept.
        device: Where the volumes are.
    """
    i, j, k = (
        _interpolation(m, n).to(device) for m, n in zip(fine, coarse, strict=True)
    )
    return Separable(i, j, k)


def _banded(
    extent: Extent,
    weight: Callable[[torch.Tensor], torch.Tensor],
    device: torch.device,
) -> Separable:
    matrices = []
    for n in extent:
        places = torch.arange(n, dtype=torch.float64)
        weights = weight(places[None, :] - places[:, None])
        matrices.append(_entries(weights / weights.sum(1, keepdim=True)).to(device))
    i, j, k = matrices
    return Separable(i, j, k)


def _entries(weights: torch.Tensor) -> AxisMatrix:
    """Round to 32-bit floats, and what no sum of them would feel to 0.

    A Gaussian's far tail is subnormal as a 32-bit float. A processor takes more than a
    hundred times as long for a product with such a number: they made a product of
    matrices some fifteen times slower.
    """
    felt: AxisMatrix = torch.where(weights > _UNFELT, weights, 0.0).float()
    return felt


def _interpolation(rows: int, columns: int) -> AxisMatrix:
    places = (torch.arange(rows, dtype=torch.float64) / 2).clamp(max=columns - 1)
    apart = places[:, None] - torch.arange(columns, dtype=torch.float64)
    weights: AxisMatrix = (1 - apart.abs()).clamp(min=0).float()
    return weights
