"""The first layer: maps to numbers of about unit size."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Final, Literal

import torch
from torch import Tensor, nn

from crosswarp.errors import InputError
from crosswarp.types.grid import Extent
from crosswarp.types.tensors import Logits, Volume

MapName = Literal["t1w", "jsm"]
MAP_NAMES: Final[tuple[MapName, MapName]] = ("t1w", "jsm")

FIXED: Final[dict[MapName, tuple[float, float]]] = {
    "t1w": (0.0, 0.5),
    "jsm": (0.0, 0.2),
}
"""Offset and size by which ``fixed`` scaling subtracts and divides.

The offsets are 0 so that the outside of the brain stays 0 in both maps.
"""

LARGEST: Final = 5.0
"""Standard deviations beyond which a voxel is clipped: it would be an artefact."""

FLOOR: Final = 0.1
"""Share of the typical standard deviation that is added to each voxel's."""


class FixedScaling(nn.Module):
    """Subtract a number and divide by another, the same for all voxels.

    Args:
        offset: Offset that is subtracted.
        size: Size that is divided by.
    """

    def __init__(self, offset: float, size: float) -> None:
        super().__init__()
        self.offset = offset
        self.size = size

    def forward(self, volume: Volume) -> Volume:
        """Return a volume of the same shape, without unit."""
        scaled: Volume = (volume - self.offset) / self.size
        return scaled


class Standardise(nn.Module):
    """Say of each voxel how unusual it is among the training scans.

    Subtracts each voxel's mean and divides by its standard deviation. Both are
    buffers: they are saved with the weights and never trained. Before `fit` they
    change nothing.

    Args:
        extent: Of the maps.
    """

    mean: Tensor
    inverse_sd: Tensor

    def __init__(self, extent: Extent) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(extent))
        self.register_buffer("inverse_sd", torch.ones(extent))

    def fit(self, volumes: Iterable[Volume]) -> None:
        """Learn mean and standard deviation of each voxel.

        A voxel that never varies, outside the brain, becomes 0.

        Args:
            volumes: Batches of the TRAINING part, one channel. Each is read once.

        Raises:
            InputError: If there are fewer than two scans.
        """
        # 64 bits: the variance is a small difference of two large sums.
        count, total = 0, torch.zeros_like(self.mean, dtype=torch.float64)
        squares = torch.zeros_like(total)
        for batch in volumes:
            values = batch[:, 0].to(torch.float64)
            count += len(values)
            total += values.sum(dim=0)
            squares += (values**2).sum(dim=0)
        if count < 2:
            msg = f"standardising needs two training scans or more, got {count}"
            raise InputError(msg)
        mean = total / count
        variance = (squares / count - mean**2).clamp(min=0)
        varies = variance > 1e-9 * variance.amax().clamp(min=1e-12)
        typical = variance[varies].mean() if varies.any() else torch.ones(())
        inverse = (variance + FLOOR**2 * typical).rsqrt() * varies
        self.mean.copy_(mean)
        self.inverse_sd.copy_(inverse)

    def forward(self, volume: Volume) -> Volume:
        """Return a volume of the same shape, in standard deviations, clipped."""
        deviations: Volume = (volume - self.mean) * self.inverse_sd
        return deviations.clamp(-LARGEST, LARGEST)


class FittedToMaps(nn.Module):
    """A part of a network that is fitted to the maps of training scans, untrained."""

    @abstractmethod
    def fit(self, t1w: Iterable[Volume], jsm: Iterable[Volume]) -> None:
        """Fit what has to be fitted, on scans of the training part alone."""


def fit_to_maps(
    network: nn.Module, maps: Callable[[MapName], Iterable[Volume]]
) -> None:
    """Fit all parts of a network that are fitted to maps before it is trained.

    Args:
        network: Network that may have such parts.
        maps: Gives one map of all training scans, each time from the first on.
    """
    for part in network.modules():
        if isinstance(part, FittedToMaps):
            part.fit(maps("t1w"), maps("jsm"))


class ScaledClassifier(FittedToMaps):
    """A network whose maps are scaled first, each in its own way.

    Args:
        t1w_scaling: ``Volume`` to ``Volume``.
        jsm_scaling: The same, for the log-Jacobian map.
        network: ``forward(t1w, jsm)`` to logits.
    """

    def __init__(
        self, t1w_scaling: nn.Module, jsm_scaling: nn.Module, network: nn.Module
    ) -> None:
        super().__init__()
        self.t1w_scaling = t1w_scaling
        self.jsm_scaling = jsm_scaling
        self.network = network

    def forward(self, t1w: Volume, jsm: Volume) -> Logits:
        """Return one logit per diagnosis."""
        logits: Logits = self.network(self.t1w_scaling(t1w), self.jsm_scaling(jsm))
        return logits

    def fit(self, t1w: Iterable[Volume], jsm: Iterable[Volume]) -> None:
        """Fit what has to be fitted, on scans of the training part alone."""
        for scaling, volumes in ((self.t1w_scaling, t1w), (self.jsm_scaling, jsm)):
            if isinstance(scaling, Standardise):
                scaling.fit(volumes)
