"""How improbable a displacement is, given two images: what a level makes least."""

from dataclasses import dataclass
from typing import Final

import torch

from crosswarp.registration.box import Box
from crosswarp.registration.settings import MapSettings
from crosswarp.registration.torch_lncc.pyramid import extent_of
from crosswarp.registration.torch_lncc.sampling import (
    moved_places,
    sample,
    voxel_places,
)
from crosswarp.registration.torch_map.likelihood import WeightedFit
from crosswarp.registration.torch_map.prior import (
    Noise,
    Prior,
    SmoothnessPrior,
)
from crosswarp.types.tensors import (
    Displacement,
    Homogeneous,
    Image,
    OtherImage,
    Value,
)

LEAST_DETERMINANT: Final = 0.25
"""Below, a steep wall keeps the search from folds."""

WALL: Final = 1e3


@dataclass(frozen=True)
class Fixed:
    """The template at one spacing.

    Attributes:
        image: Image with standardised values.
        weight: 1 where the images count, 0 where they do not.
        softness: 1 where the softer part of the prior counts, 0 where it does not;
            in the box.
        box: Outside it, the softness is 0.
    """

    image: Image
    weight: Image
    softness: OtherImage
    box: Box


class Energy:
    """Misfit of the images, cost of bending and of volume change, at one spacing.

    Args:
        fixed: Template, the fixed image.
        moving: Participant, the moving image.
        to_moving: Voxels of the template to voxels of the participant, the affine.
        spacing: Of the template's voxels, mm.
        settings: Settings with the weights.
        mean: Displacement that the prior is centred on, in mm along the grid's axes;
            none for no displacement.
    """

    def __init__(
        self,
        fixed: Fixed,
        moving: OtherImage,
        to_moving: Homogeneous,
        spacing: tuple[float, float, float],
        settings: MapSettings,
        mean: Displacement | None = None,
    ) -> None:
        extent, device = extent_of(fixed.image), fixed.image.device
        inner = extent_of(fixed.softness)
        self.prior = Prior(
            SmoothnessPrior(extent, spacing, settings.stiffness, device),
            SmoothnessPrior(inner, spacing, settings.soft_stiffness, device),
            fixed.softness,
            fixed.box,
        )
        self._fit = WeightedFit(fixed.image, fixed.weight, spacing, settings)
        self._places = voxel_places(extent, device)
        self._moving, self._to_moving = moving[None], to_moving
        self._spacing = torch.tensor(spacing, device=device)
        self._cell = float(self._spacing.prod())
        self._settings = settings
        self._mean = fixed.image.new_zeros((3, *extent)) if mean is None else mean
        self._mean_change = _log(determinants(self._mean, self._spacing))

    def __call__(self, noise: Noise) -> Value:
        """Negative logarithm of the posterior probability, up to a constant.

        Args:
            noise: What the prior makes smooth.
        """
        millimetres = self.displacement(noise)
        determinant = determinants(millimetres, self._spacing)
        change = (_log(determinant) - self._mean_change).square().sum()
        wall = (LEAST_DETERMINANT - determinant).clamp(min=0).square().sum()
        total: Value = (
            self._settings.trust * self._cell * self._fit(self._warped(millimetres))
            + self._cell * (self._settings.volume_stiffness * change + WALL * wall)
            + 0.5 * sum(part.square().sum() for part in noise)
        )
        return total

    def displacement(self, noise: Noise) -> Displacement:
        """Make noise smooth, and add the mean; in mm."""
        return self.prior.displacement(noise) + self._mean

    def _warped(self, millimetres: Displacement) -> Image:
        voxels = millimetres / self._spacing[:, None, None, None]
        there = moved_places(self._places + voxels, self._to_moving)
        warped: Image = sample(self._moving, there, outside="zeros")[0]
        return warped


def _log(determinant: OtherImage) -> OtherImage:
    found: OtherImage = determinant.clamp(min=1e-3).log()
    return found


def determinants(displacement: Displacement, spacing: torch.Tensor) -> OtherImage:
    """Jacobian determinant by central differences, without the grid's rim.

    Args:
        displacement: In mm, along the grid's axes.
        spacing: Of the grid, in mm.
    """
    inner = slice(1, -1)
    slopes = torch.stack(
        [
            (displacement[:, 2:, inner, inner] - displacement[:, :-2, inner, inner])
            / (2 * spacing[0]),
            (displacement[:, inner, 2:, inner] - displacement[:, inner, :-2, inner])
            / (2 * spacing[1]),
            (displacement[:, inner, inner, 2:] - displacement[:, inner, inner, :-2])
            / (2 * spacing[2]),
        ],
        dim=1,
    )
    (a, b, c), (d, e, f), (g, h, i) = slopes
    a, e, i = a + 1, e + 1, i + 1
    found: OtherImage = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return found
