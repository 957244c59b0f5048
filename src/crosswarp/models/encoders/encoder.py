"""What every encoder promises."""

import copy

import torch
from torch import nn

from crosswarp.errors import ShapeError
from crosswarp.types.grid import Extent
from crosswarp.types.tensors import Volume


class Encoder(nn.Module):
    """Encode one volume as a coarse feature map.

    Attributes:
        in_channels: Channels of the input volume.
        out_features: Features per output voxel.
        smallest_extent: Fewest input voxels along any axis.
        whole_stride: Input voxels from one output voxel to the next.
    """

    in_channels: int
    out_features: int
    smallest_extent: int
    whole_stride: int

    def check_extent(self, volume: Volume) -> None:
        """Refuse a volume that is too small.

        Raises:
            ShapeError: If any spatial extent is below ``smallest_extent``.
        """
        extent = tuple(volume.shape[2:])
        if min(extent) < self.smallest_extent:
            name = type(self).__name__
            msg = (
                f"volume is {extent} voxels; {name} needs {self.smallest_extent} per"
                " axis; give maps of a finer resolution or choose another encoder"
            )
            raise ShapeError(msg)

    def check_voxels(self, extent: Extent) -> None:
        """Refuse the extent of a volume that is too small, without the volume.

        Raises:
            ShapeError: If any spatial extent is below ``smallest_extent``.
        """
        self.check_extent(torch.empty(1, self.in_channels, *extent, device="meta"))

    def grid(self, extent: Extent) -> Extent:
        """Return the extent of the feature map of a volume, without computing it.

        Raises:
            ShapeError: If the volume would be too small.
        """
        # On the meta device a volume has a shape and no values. What is copied is
        # the structure: the weights of a large encoder are never in memory twice.
        weights = [*self.parameters(), *self.buffers()]
        twin = copy.deepcopy(self, {id(t): t.to("meta") for t in weights})
        volume = torch.zeros(1, self.in_channels, *extent, device="meta")
        # Statistics of a batch take time and change no shape.
        i, j, k = twin.eval()(volume).shape[2:]
        return (i, j, k)
