"""How alike two images are where they are alike up to brightness and contrast."""

from typing import Final

import torch

from crosswarp.registration.torch_lncc.separable import box
from crosswarp.types.tensors import Image, Value

FLAT: Final = 1e-4
"""Added to the product of two variances, of images whose SD in the brain is 1: where
both are flat there is only noise to agree on, and it counts little."""


class LocalCorrelation:
    """Squared correlation in a small cube around each voxel.

    Args:
        template: Fixed; its statistics are computed once.
        radius: Half width of the cube, in voxels.
        weight: How much each voxel counts; all the same when None.

    References:
        Avants et al. (2008), Symmetric diffeomorphic image registration with
        cross-correlation. Medical Image Analysis 12(1), 26-41.
        doi:10.1016/j.media.2007.06.004
    """

    def __init__(
        self, template: Image, radius: int, weight: Image | None = None
    ) -> None:
        i, j, k = template.shape
        self._mean = box((i, j, k), radius, template.device)
        self._template = template
        self._share = None if weight is None else weight / weight.sum()
        self._template_mean = self._mean(template)
        self._template_variance = self._mean(template**2) - self._template_mean**2

    def __call__(self, warped: Image) -> Value:
        """Mean over the grid, or of what counts; can be differentiated.

        Args:
            warped: The other image, on the template's grid.

        Returns:
            Between 0 and 1, where 1 is alike everywhere.
        """
        products = torch.stack([warped, warped**2, warped * self._template])
        mean, mean_square, mean_product = self._mean(products)
        variance = (mean_square - mean**2).clamp(min=0)
        covariance = mean_product - mean * self._template_mean
        squared = covariance**2 / (
            variance * self._template_variance.clamp(min=0) + FLAT
        )
        value: Value = squared.mean()
        if self._share is not None:
            value = (squared * self._share).sum()
        return value


def correlation(template: Image, warped: Image) -> Value:
    """Correlation over the whole grid; can be differentiated."""
    a, b = template - template.mean(), warped - warped.mean()
    value: Value = (a * b).mean() / torch.sqrt((a**2).mean() * (b**2).mean() + 1e-12)
    return value
