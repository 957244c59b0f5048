"""What is known of a displacement before any image is seen: it is smooth.

Less so where structures are known to change: there a second, softer part is added.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch

from crosswarp.registration.box import Box
from crosswarp.registration.torch_lncc.separable import Separable
from crosswarp.types.grid import Extent
from crosswarp.types.tensors import (
    AxisMatrix,
    Displacement,
    OtherDisplacement,
    OtherImage,
)


class SmoothnessPrior:
    """Displacements whose bending costs, written as white noise made smooth.

    A displacement is ``u = S z``: S divides each of its cosine waves by the square
    root of what that wave costs, so that the cost of ``u`` is half the squared length
    of ``z``, and a search in ``z`` meets all waves with the same scale.

    Args:
        extent: Of the grid.
        spacing: Of its voxels along each axis, in mm.
        stiffness: What it costs to displace (per mm^2 and mm^3), and to bend.

    Attributes:
        extent: Of the grid.

    References:
        Ashburner & Friston (1999), Nonlinear spatial normalization using basis
        functions. Human Brain Mapping 7(4), 254-266.
    """

    def __init__(
        self,
        extent: Extent,
        spacing: tuple[float, float, float],
        stiffness: tuple[float, float],
        device: torch.device,
    ) -> None:
        matrices = [cosines(n, torch.arange(n)) for n in extent]
        i, j, k = (m.float().to(device) for m in matrices)
        self._from_waves = Separable(i, j, k)
        self._to_waves = Separable(i.T.contiguous(), j.T.contiguous(), k.T.contiguous())
        moving, bending = stiffness
        squared = _squared_frequencies(extent, spacing)
        cost = (moving + bending * squared**2) * math.prod(spacing)
        self._amplitude = cost.rsqrt().float().to(device)
        self.extent = extent

    def displacement(self, noise: Displacement) -> Displacement:
        """Make white noise smooth; in mm."""
        smooth: Displacement = self._from_waves(self._to_waves(noise) * self._amplitude)
        return smooth

    def noise(self, displacement: Displacement) -> Displacement:
        """Find the noise that gives a displacement."""
        found: Displacement = self._from_waves(
            self._to_waves(displacement) / self._amplitude
        )
        return found

    def doubled(self, displacement: Displacement, fine: Extent) -> OtherDisplacement:
        """Continue a displacement, as the waves that it consists of, on a finer grid.

        Args:
            displacement: On this prior's grid.
            fine: Extent of the grid of half the spacing; the first voxel stays.
        """
        i, j, k = (
            cosines(n, torch.arange(m) / 2).float().to(displacement.device)
            for n, m in zip(self.extent, fine, strict=True)
        )
        finer: OtherDisplacement = Separable(i, j, k)(self._to_waves(displacement))
        return finer


class Noise(NamedTuple):
    """White noise of which a displacement is made.

    Attributes:
        everywhere: Of the stiff part, on the whole grid.
        softer: Of the softer part, in its box.
    """

    everywhere: Displacement
    softer: OtherDisplacement


@dataclass(frozen=True)
class Prior:
    """Smooth everywhere, and softer in some places.

    The displacement is ``u = S1 z1 + w S2 z2``: two independent parts, of which the
    second counts only where ``w`` lets it, and is known only in a box around that.

    Attributes:
        everywhere: Of the first part.
        softer: Of the second, in the box.
        softness: w, in [0, 1], in the box; 0 outside.
        box: Voxels of the whole grid.
    """

    everywhere: SmoothnessPrior
    softer: SmoothnessPrior
    softness: OtherImage
    box: Box

    def start(self) -> Noise:
        """No displacement."""
        return Noise(
            torch.zeros((3, *self.everywhere.extent), device=self.softness.device),
            torch.zeros((3, *self.softer.extent), device=self.softness.device),
        )

    def displacement(self, noise: Noise) -> Displacement:
        """Make white noise smooth; in mm."""
        found: Displacement = self.everywhere.displacement(noise.everywhere)
        local = self.softness * self.softer.displacement(noise.softer)
        found[:, *self.box] += local
        return found

    def continued(self, noise: Noise, finer: "Prior") -> Noise:
        """Find the noise that gives the same two parts on a grid of half the spacing.

        Args:
            noise: On this grid.
            finer: The prior of the other grid; its box begins where this one's does.
        """
        return Noise(
            _continued(self.everywhere, noise.everywhere, finer.everywhere),
            _continued(self.softer, noise.softer, finer.softer),
        )


def _continued(
    here: SmoothnessPrior, noise: Displacement, there: SmoothnessPrior
) -> OtherDisplacement:
    found: OtherDisplacement = there.noise(
        here.doubled(here.displacement(noise), there.extent)
    )
    return found


def cosines(waves: int, places: torch.Tensor) -> AxisMatrix:
    """Values of the orthonormal cosine waves of a grid at places along it.

    Args:
        waves: How many: the grid's voxels along the axis.
        places: Voxel indices, fractions too. At whole ones the matrix is orthogonal.
    """
    order = torch.arange(waves, dtype=torch.float64)
    matrix = torch.cos(math.pi / waves * (places[:, None].double() + 0.5) * order)
    matrix *= math.sqrt(2 / waves)
    matrix[:, 0] /= math.sqrt(2)
    return matrix


def _squared_frequencies(
    extent: Extent, spacing: tuple[float, float, float]
) -> torch.Tensor:
    """Eigenvalues of minus the Laplacian of finite differences, per mm^2."""
    along = [
        (2 - 2 * torch.cos(math.pi / n * torch.arange(n, dtype=torch.float64))) / h**2
        for n, h in zip(extent, spacing, strict=True)
    ]
    return along[0][:, None, None] + along[1][:, None] + along[2]
