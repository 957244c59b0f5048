"""Means of a map over cubes, for what has a weight for each cube."""

import torch.nn.functional as F

from crosswarp.errors import ShapeError
from crosswarp.types.grid import Extent
from crosswarp.types.tensors import Cells, Volume


def check_extent(volume: Volume, extent: Extent) -> None:
    """Refuse maps of another extent than a network has its cubes for.

    Args:
        volume: Maps that the network is given.
        extent: Voxels that it was built for.

    Raises:
        ShapeError: If the maps are not of that extent.
    """
    given = tuple(volume.shape[2:])
    if given != extent:
        msg = (
            f"the network was built for maps of {extent} voxels, got {given};"
            " give maps of the extent that it was built for"
        )
        raise ShapeError(msg)


def cube_means(volume: Volume, cell: int) -> Cells:
    """Average over cubes; those at the far faces are filled up with zeros.

    Args:
        volume: Maps of any extent.
        cell: Edge of a cube, in voxels.
    """
    i, j, k = (-voxels % cell for voxels in volume.shape[2:])
    means: Cells = F.avg_pool3d(F.pad(volume, (0, k, 0, j, 0, i)), cell)
    return means
