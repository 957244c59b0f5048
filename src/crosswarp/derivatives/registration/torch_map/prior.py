"""What is known of a displacement before any image is seen: it is smooth.

Less so where structures are known to change: there a second, softer part is added.
"""

import math
from dataclasses import dataclass

import torch

from crosswarp.derivatives.registration.torch_lncc.separable import Separable
from crosswarp.types.tensors import (
    AxisMatrix,
    Displacement,
    Image,
    Noise,
    OtherDisplacement,
    OtherNoise,
)

Extent = tuple[int, int, int]


class SmoothnessPrior:
    """Displacements whose bending costs, written as white noise made smooth.

    A displacement is ``u = S z``: S divides each of its cosine waves by the square
    root of what that wave costs, so that the cost of ``u`` is half the squared length
    of ``z``, and a search in ``z`` meets all waves with the same scale.

    Args:
        extent: Of the grid.
        spacing: Of its voxels along each axis, in mm.
        stiffness: What it costs to displace (per mm^2 and mm^3), and to bend.

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
        self._extent = extent

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
            for n, m in zip(self._extent, fine, strict=True)
        )
        finer: OtherDisplacement = Separable(i, j, k)(self._to_waves(displacement))
        return finer


@dataclass(frozen=True)
class Prior:
    """Smooth everywhere, and softer in some places.

    The displacement is ``u = S1 z1 + w S2 z2``: two independent parts, of which the
    second counts only where ``w`` lets it.

    Attributes:
        everywhere: Of the first part.
        softer: Of the second.
        softness: w, in [0, 1].
    """

    everywhere: SmoothnessPrior
    softer: SmoothnessPrior
    softness: Image

    def displacement(self, noise: Noise) -> Displacement:
        """Make white noise smooth; in mm.

        Args:
            noise: Of both parts, one after the other.
        """
        local = self.softness * self.softer.displacement(noise[3:])
        found: Displacement = self.everywhere.displacement(noise[:3]) + local
        return found

    def continued(self, noise: Noise, finer: "Prior") -> OtherNoise:
        """Find the noise that gives the same two parts on a grid of half the spacing.

        Args:
            noise: On this grid.
            finer: The prior of the other grid.
        """
        i, j, k = finer.softness.shape
        parts = (
            there.noise(here.doubled(here.displacement(part), (i, j, k)))
            for here, there, part in (
                (self.everywhere, finer.everywhere, noise[:3]),
                (self.softer, finer.softer, noise[3:]),
            )
        )
        both: OtherNoise = torch.cat(list(parts))
        return both


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
