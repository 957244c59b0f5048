"""Find the brain without a network: the template's mask, through an affine of heads."""

from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.errors import ScanError
from crosswarp.registration.resampling import resample
from crosswarp.registration.settings import OwnTemplate
from crosswarp.registration.template import load_head
from crosswarp.registration.torch_lncc.alone import register_affinely
from crosswarp.types.arrays import Affine, Mask, SpatialMap
from crosswarp.types.grid import Extent

SPACING: Final = 3.0
"""Millimetres between the voxels of the heads that are registered."""

AIR: Final = 0.1
"""Brightness of a coarse head, from 0 to 1, up to which it is taken for air."""

STRETCH: Final = (0.7, 1.35)
"""Of the template's head along its axes, to fit an adult's."""


def template_brain(scan: SpatialMap, own: OwnTemplate | None = None) -> Mask:
    """Lay the template's brain over a head, by an affine that aligns both heads.

    It fits a brain only as well as a head's outside tells where the brain is.

    Args:
        scan: A whole head.
        own: A user's template, with its skull; the embedded one when None.

    Returns:
        Mask on the scan's grid.

    Raises:
        ScanError: If the two cannot be registered, or only by stretching the head
            more than adults differ: it is cut, or none.
    """
    head, mask = load_head(own)
    fixed, moving = (_without_air(coarse_head(each)) for each in (head, scan))
    to_scan = register_affinely(fixed, moving)
    _check_stretch(to_scan)
    brain = SpatialMap(mask.astype(np.float32), head.affine)
    laid = resample(brain, scan.extent, scan.affine, np.linalg.inv(to_scan))
    found: Mask = laid > 0.5
    return found


def _without_air(head: SpatialMap) -> SpatialMap:
    """Make 0 what is as dark as noise, so that what is above 0 has a head's size."""
    values = np.where(head.values > AIR, head.values, np.float32(0))
    return SpatialMap(values, head.affine)


def _check_stretch(to_scan: Affine) -> None:
    stretches = np.linalg.svd(to_scan[:3, :3], compute_uv=False)
    if stretches.min() < STRETCH[0] or stretches.max() > STRETCH[1]:
        shown = ", ".join(f"{s:.2f}" for s in stretches)
        msg = (
            f"the template's head fits only when stretched by {shown}; expected"
            f" {STRETCH[0]:g} to {STRETCH[1]:g}; is this a whole adult head?"
        )
        raise ScanError(msg)


def coarse_head(head: SpatialMap) -> SpatialMap:
    """Smooth and thin a head, brightness between 0 and 1, spikes cut off.

    Args:
        head: Whole head of any spacing.
    """
    ratio = SPACING / np.array(head.spacing)
    widths = 0.35 * np.sqrt(np.maximum(ratio**2 - 1, 0))
    top = np.quantile(head.values, 0.995) or 1.0
    smooth = ndimage.gaussian_filter(np.clip(head.values / top, 0, 1), widths)
    affine: Affine = head.affine.copy()
    affine[:3, :3] *= ratio
    i, j, k = np.ceil(np.array(head.extent) / ratio).astype(int)
    extent: Extent = (int(i), int(j), int(k))
    values = resample(SpatialMap(smooth, head.affine), extent, affine)
    return SpatialMap(values.astype(np.float32), affine)
