"""One image at several spacings, for the search from coarse to fine."""

from typing import Final

from crosswarp.registration.torch_lncc.separable import gaussian
from crosswarp.types.grid import Extent
from crosswarp.types.tensors import Image, OtherImage

ANTI_ALIAS: Final = 0.35
"""SD of the smoothing before thinning, for each voxel that becomes one."""


def smoothed(image: Image, factor: int) -> Image:
    """Take out what a grid of ``factor`` times the spacing cannot hold."""
    if factor == 1:
        return image
    i, j, k = image.shape
    width = ANTI_ALIAS * (factor**2 - 1) ** 0.5
    smooth: Image = gaussian((i, j, k), width, image.device)(image)
    return smooth


def thinned(image: Image, factor: int) -> OtherImage:
    """Keep every so many voxels, after smoothing; the first stays where it is."""
    smooth = smoothed(image, factor)
    thin: OtherImage = smooth[::factor, ::factor, ::factor].contiguous()
    return thin


def extent_of(image: Image) -> Extent:
    """Voxels along each axis."""
    i, j, k = image.shape
    return (i, j, k)


def standardised(image: Image) -> Image:
    """Scale an image so that its SD in the brain (above 0) is 1; 0 stays 0."""
    scaled: Image = image / image[image > 0].std(correction=0)
    return scaled


def rethinned(image: Image, ratio: float, finer: int = 1) -> tuple[OtherImage, int]:
    """Smooth an image as a coarser grid needs it, then keep what is needed of it.

    Args:
        image: Finely sampled image.
        ratio: Spacing of the coarser grid over the image's.
        finer: How many times finer than that grid the image should stay, so that
            values between its voxels are not blurred again.

    Returns:
        The image, and how many voxels became one along each axis.
    """
    i, j, k = image.shape
    width = ANTI_ALIAS * max(ratio**2 - 1, 0.0) ** 0.5
    smooth = gaussian((i, j, k), width, image.device)(image) if width else image
    factor = max(1, round(ratio) // finer)
    thin: OtherImage = smooth[::factor, ::factor, ::factor].contiguous()
    return thin, factor
