"""Evidence of places: what a linear model finds, beside what a network learns."""

from collections.abc import Iterable
from typing import Final

import torch
import torch.nn.functional as F
from torch import nn

from crosswarp.models.cubes import check_extent, cube_means
from crosswarp.models.scaling import FittedToMaps, Standardise
from crosswarp.types.grid import Extent
from crosswarp.types.tensors import Cells, Logits, Volume

LARGEST: Final = 3.0
"""Standard deviations beyond which a product of two maps' deviations is clipped."""


GAIN: Final = 16.0
"""Of the weights, over the root of the number of cubes.

An optimiser changes all weights by as much in a step, so this sets how far the evidence
gets in some hundred steps (``docs/measured/known-worlds.md``).
"""


class PlaceEvidence(nn.Module):
    """Answer from local means of both maps, with one weight for each place and map.

    A change of signal in a few places explains under one percent of the variance of all
    voxels, so that encoders trained on some sixty scans do not find it; a linear model
    of local means does. Each map is averaged over cubes, centred by the mean of the
    training scans and divided by each cube's own spread among them. The weights start
    at zero: at first the answer is that of the network beside it.

    Args:
        extent: Voxels of the maps.
        classes: How many diagnoses.
        cell: Edge of a cube, in voxels.
        products: Whether the product of both maps' deviations in a cube has a weight,
            too: whether they come together there.
    """

    def __init__(
        self, extent: Extent, classes: int, cell: int, *, products: bool
    ) -> None:
        super().__init__()
        i, j, k = (-(-voxels // cell) for voxels in extent)
        self.extent = extent
        self.cell = cell
        self.products = products
        self.t1w, self.jsm = Standardise((i, j, k)), Standardise((i, j, k))
        self.weight = nn.Parameter(torch.zeros(classes, 3 if products else 2, i, j, k))
        self.scale = GAIN * (i * j * k) ** -0.5

    def fit(self, t1w: Iterable[Volume], jsm: Iterable[Volume]) -> None:
        """Learn mean and spread of each cube; the maps are those of training scans."""
        self.t1w.fit(map(self._means, t1w))
        self.jsm.fit(map(self._means, jsm))

    def forward(self, t1w: Volume, jsm: Volume) -> Logits:
        """Return what the places add to each logit."""
        first, second = self.t1w(self._means(t1w)), self.jsm(self._means(jsm))
        found = [first, second]
        if self.products:
            found.append((first * second).clamp(-LARGEST, LARGEST))
        deviations = torch.cat(found, dim=1).flatten(1)
        logits: Logits = self.scale * F.linear(deviations, self.weight.flatten(1))
        return logits

    def _means(self, volume: Volume) -> Cells:
        """Average over cubes; those at the far faces are filled up with zeros.

        Raises:
            ShapeError: If the maps are not of the extent that this was built for.
        """
        check_extent(volume, self.extent)
        return cube_means(volume, self.cell)


class PlaceClassifier(FittedToMaps):
    """Add the evidence of places to the logits of a network.

    Args:
        places: Evidence of places.
        network: ``forward(t1w, jsm)`` to logits.
    """

    def __init__(self, places: PlaceEvidence, network: nn.Module) -> None:
        super().__init__()
        self.places = places
        self.network = network

    def forward(self, t1w: Volume, jsm: Volume) -> Logits:
        """Return one logit per diagnosis."""
        logits: Logits = self.network(t1w, jsm) + self.places(t1w, jsm)
        return logits

    def fit(self, t1w: Iterable[Volume], jsm: Iterable[Volume]) -> None:
        """Fit what has to be fitted, on scans of the training part alone."""
        self.places.fit(t1w, jsm)
