"""Values of volumes between their voxels."""

from typing import Literal

import torch
from torch.nn.functional import grid_sample

from crosswarp.types.grid import Extent
from crosswarp.types.tensors import Homogeneous, Images, OtherImages, Places


def voxel_places(extent: Extent, device: torch.device) -> Places:
    """Indices of every voxel of a grid, components first."""
    axes = [torch.arange(n, dtype=torch.float32, device=device) for n in extent]
    places: Places = torch.stack(torch.meshgrid(*axes, indexing="ij"))
    return places


def moved_places(places: Places, matrix: Homogeneous) -> Places:
    """Take voxel indices of one grid to those of another.

    Args:
        places: Indices of the one.
        matrix: Of 32-bit floats; the last row is not looked at.
    """
    turned = torch.einsum("ab,bijk->aijk", matrix[:3, :3], places)
    moved: Places = turned + matrix[:3, 3, None, None, None]
    return moved


def sample(
    volumes: Images, places: Places, outside: Literal["zeros", "border"]
) -> OtherImages:
    """Interpolate linearly.

    Args:
        volumes: One or more on the same grid.
        places: Where, in voxel indices of that grid.
        outside: What lies beyond the grid: nothing, or its edge continued.

    Returns:
        Values at the places, an image each.
    """
    last = torch.tensor(volumes.shape[1:], device=places.device) - 1
    share = 2 * places / last.clamp(min=1)[:, None, None, None] - 1
    # grid_sample takes the last axis first.
    grid = share.flip(0).movedim(0, -1)[None]
    found: OtherImages = grid_sample(
        volumes[None], grid, padding_mode=outside, align_corners=True
    )[0]
    return found
