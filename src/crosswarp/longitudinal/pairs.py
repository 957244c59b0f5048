"""Two scans of one person, and how well they agree where they are brought halfway."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch

from crosswarp.longitudinal.settings import LongitudinalSettings
from crosswarp.registration.torch_lncc.pyramid import extent_of, rethinned, thinned
from crosswarp.registration.torch_lncc.sampling import (
    moved_places,
    sample,
    voxel_places,
)
from crosswarp.registration.torch_lncc.separable import windows
from crosswarp.types.arrays import Affine, Mask, SpatialMap
from crosswarp.types.grid import Extent
from crosswarp.types.tensors import Homogeneous, Image, OtherImage, Places, Value

FINER: Final = 2
"""The scans stay this much finer than the grid: linear interpolation between coarse
voxels blurs by where a point falls, and that would look like a change."""


@dataclass(frozen=True)
class Visit:
    """One scan of a person.

    Attributes:
        scan: T1w image on its own grid, even in brightness.
        brain: Brain mask on the same grid.
        affine: Template RAS+ mm to the scan's, as the scan's own registration found.
    """

    scan: SpatialMap
    brain: Mask
    affine: Affine


@dataclass(frozen=True)
class Sampled:
    """A scan as a tensor, ready to be sampled at places of a grid.

    Attributes:
        image: Standardised in the brain.
        spacing: Of its voxels, in mm: the finest axis.
        to_voxels: RAS+ mm of the scan to its voxels.
    """

    image: Image
    spacing: float
    to_voxels: Affine

    def coarser(self, spacing: float) -> "Sampled":
        """Smooth as a grid of a coarser spacing needs it, and keep what it needs."""
        image, kept = rethinned(self.image, spacing / self.spacing, FINER)
        to_voxels = self.to_voxels.copy()
        to_voxels[:3] /= kept
        return Sampled(image, self.spacing * kept, to_voxels)


def sampled(visit: Visit) -> Sampled:
    """Standardise a scan: mean 0 and SD 1 in the brain."""
    values = visit.scan.values
    inside = values[visit.brain]
    scaled = ((values - inside.mean()) / inside.std()).astype(np.float32)
    return Sampled(
        torch.from_numpy(np.ascontiguousarray(scaled)),
        min(visit.scan.spacing),
        np.linalg.inv(visit.scan.affine),
    )


@dataclass(frozen=True)
class Grid:
    """A grid halfway between two scans.

    Attributes:
        extent: Voxels along each axis.
        affine: Voxel indices to mm of the midspace, whose origin is the brain's middle.
        weight: 1 in the brain, 0 where voxels do not count.
    """

    extent: Extent
    affine: Affine
    weight: Image

    @property
    def spacing(self) -> float:
        """Millimetres between voxels, the same along all axes."""
        return float(self.affine[0, 0])

    def coarser(self, factor: int) -> "Grid":
        """Keep every so many voxels; the first stays."""
        weight = thinned(self.weight, factor)
        affine = self.affine.copy()
        affine[:3, :3] *= factor
        return Grid(extent_of(weight), affine, weight)


class Halves:
    """Both scans at the places of a grid, each brought half of the way.

    Args:
        scans: Both, at any spacing.
        grid: Where they are compared.
        settings: Width of the window, and what noise is expected.
    """

    def __init__(
        self,
        scans: tuple[Sampled, Sampled],
        grid: Grid,
        settings: LongitudinalSettings,
    ) -> None:
        coarse = [scan.coarser(grid.spacing) for scan in scans]
        self._images = [scan.image[None] for scan in coarse]
        self._to_voxels = [torch.from_numpy(scan.to_voxels) for scan in coarse]
        self._to_mm = torch.from_numpy(grid.affine)
        self._places = voxel_places(grid.extent, grid.weight.device)
        self._fit = SymmetricFit(grid, settings)

    def images(
        self,
        to_scans: tuple[Homogeneous, Homogeneous],
        moves: tuple[Places, Places] | None = None,
    ) -> tuple[OtherImage, OtherImage]:
        """Sample both scans.

        Args:
            to_scans: Midspace mm to the mm of each scan, of 64-bit floats.
            moves: Voxels that are added to each place of the grid before; none for
                the rigid part alone.
        """
        found = []
        for n, to_scan in enumerate(to_scans):
            whole = self._to_voxels[n] @ to_scan @ self._to_mm
            places = self._places if moves is None else self._places + moves[n]
            there = moved_places(places, whole.float())
            found.append(sample(self._images[n], there, outside="zeros")[0])
        return found[0], found[1]

    def misfit(
        self,
        to_scans: tuple[Homogeneous, Homogeneous],
        moves: tuple[Places, Places] | None = None,
    ) -> Value:
        """Say how badly the scans agree; arguments as for `images`."""
        return self._fit(*self.images(to_scans, moves))


class SymmetricFit:
    """How badly two images follow from each other; neither is the template.

    As `crosswarp.registration.torch_map.likelihood.WeightedFit`, whose formula is
    symmetric, with the statistics of both images computed anew. Contrast and
    brightness near a voxel are unknown, so that what bias correction left of a smooth
    difference between the scans does not look like a change.

    Args:
        grid: Where the images are compared, and which voxels count.
        settings: Width of "near", and what noise is expected.
    """

    def __init__(self, grid: Grid, settings: LongitudinalSettings) -> None:
        widths = [settings.window / grid.spacing] * 3
        self._near = windows(grid.extent, widths, grid.weight.device)
        self._weight = grid.weight
        self._share = self._near(grid.weight).clamp(min=1e-3)
        self._noise, self._floor = settings.noise_variance, settings.unexplained

    def __call__(self, first: Image, second: Image) -> Value:
        """Sum over the voxels that count; can be differentiated."""
        products = torch.stack([first, second, first**2, second**2, first * second])
        means = self._near(products * self._weight) / self._share
        mean, other_mean, square, other_square, product = means
        variance = (square - mean**2).clamp(min=0) + self._noise
        other = (other_square - other_mean**2).clamp(min=0) + self._noise
        covariance = product - mean * other_mean
        explained = covariance**2 / (variance * other)
        left = (1 - explained).clamp(min=0) + self._floor
        value: Value = 0.5 * (left.log() * self._weight).sum()
        return value


def same_side_first(first: Visit, second: Visit) -> tuple[Visit, Visit, bool]:
    """Put two scans in an order that does not depend on which is given first.

    Sums of floats depend on their order in the last digit. With the scans always in
    the same order, the change turns its sign exactly when the scans are turned round.

    Returns:
        Both scans, and whether they were turned round.
    """
    keys = [v.scan.values.tobytes() + v.scan.affine.tobytes() for v in (first, second)]
    if keys[1] < keys[0]:
        return second, first, True
    return first, second, False


def with_weight(grid: Grid, brain: Mask) -> Grid:
    """Let the voxels of a mask count."""
    return replace(grid, weight=torch.from_numpy(brain.astype(np.float32)))
