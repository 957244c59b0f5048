"""How well one image follows from another, when neither contrast nor noise is known."""

import torch

from crosswarp.registration.settings import MapSettings
from crosswarp.registration.torch_lncc.separable import windows
from crosswarp.types.tensors import Image, Value


class WeightedFit:
    """How badly one image follows from the other, near each voxel.

    Near a voxel the one image is the other times a contrast plus a brightness plus
    noise; none of the three is known. What is left over then has the likelihood whose
    negative logarithm, a voxel, is half of ``log(1 - r^2)``, with r the local
    correlation. Unlike r or its square it counts most where the images agree well
    (along ventricles, at the hippocampus) and little where they never will (folds of
    the cortex, which differ from person to person).

    Args:
        fixed: Its statistics are computed once; SD 1 in the brain.
        weight: 1 where voxels count, 0 where not.
        spacing: Of the voxels, mm.
        settings: Width of "near", and what noise is expected.
    """

    def __init__(
        self,
        fixed: Image,
        weight: Image,
        spacing: tuple[float, float, float],
        settings: MapSettings,
    ) -> None:
        i, j, k = fixed.shape
        widths = [settings.window / h for h in spacing]
        self._near = windows((i, j, k), widths, fixed.device)
        self._weight, self._fixed = weight, fixed
        self._share = self._near(weight).clamp(min=1e-3)
        self._noise, self._floor = settings.noise_variance, settings.unexplained
        self._fixed_mean = self._mean(fixed)
        square = self._mean(fixed**2)
        self._fixed_variance = (square - self._fixed_mean**2).clamp(min=0) + self._noise

    def __call__(self, warped: Image) -> Value:
        """Sum over the voxels that count; can be differentiated."""
        products = torch.stack([warped, warped**2, warped * self._fixed])
        mean, mean_square, mean_product = self._mean(products)
        variance = (mean_square - mean**2).clamp(min=0) + self._noise
        covariance = mean_product - mean * self._fixed_mean
        explained = covariance**2 / (variance * self._fixed_variance)
        left = (1 - explained).clamp(min=0) + self._floor
        value: Value = 0.5 * (left.log() * self._weight).sum()
        return value

    def _mean(self, images: torch.Tensor) -> torch.Tensor:
        return self._near(images * self._weight) / self._share
