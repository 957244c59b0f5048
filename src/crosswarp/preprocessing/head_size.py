"""Size of the head: the volume inside the skull, which disease does not change."""

import math
from functools import lru_cache
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.errors import ScanError
from crosswarp.preprocessing.template_mask import SPACING, coarse_head
from crosswarp.registration.resampling import resample
from crosswarp.registration.settings import OwnTemplate
from crosswarp.registration.template import load_head
from crosswarp.registration.torch_lncc.alone import refine_affinely
from crosswarp.types.arrays import Affine, Mask, SpatialMap

AROUND_MM: Final = 15.0
"""Of the template's head around its brain: fluid, skull and scalp, and no neck."""

LEAST_SCALP: Final = 0.1
"""Brightness around a template's brain, as a share of the brain's, that is a head's."""


def intracranial_volume_cm3(
    scan: SpatialMap, to_brain: Affine, own: OwnTemplate | None = None
) -> float:
    """Measure the volume inside the skull: the template's, through an affine.

    The affine aligns skulls and not brains, so a brain that has shrunk inside its
    skull leaves the volume as it is.

    Args:
        scan: A whole head.
        to_brain: Affine of the brains, template RAS+ mm to scan RAS+ mm: the start.
        own: A user's template; the embedded one when None.

    Returns:
        Cubic centimetres; not a number with a template that has no skull, or where the
        heads cannot be registered: no map depends on it, so no scan is lost for it.

    References:
        Buckner et al. (2004), A unified approach for morphometric and functional data
        analysis in young, old, and demented adults using automated atlas-based head
        size normalization. NeuroImage 23(2), 724-738.
        doi:10.1016/j.neuroimage.2004.06.018
    """
    head, near, inside_cm3 = template_skull(own)
    if math.isnan(inside_cm3):
        return math.nan
    moving = coarse_head(scan)
    placed = SpatialMap(moving.values, np.linalg.inv(to_brain) @ moving.affine)
    try:
        rest = refine_affinely(head, placed, near)
    except ScanError:
        return math.nan
    return inside_cm3 * abs(float(np.linalg.det((to_brain @ rest)[:3, :3])))


@lru_cache(maxsize=2)
def template_skull(own: OwnTemplate | None) -> tuple[SpatialMap, SpatialMap, float]:
    """Return the coarse head, where it counts, and the volume inside its skull.

    Args:
        own: A user's template; the embedded one when None.

    The inside of the skull lies 1.5 mm around the template's brain mask: in the
    embedded template's T2w image, where the fluid around the brain is 59 bright and
    bone 23, the brightness has fallen half of the way there.
    """
    head, mask = load_head(own)
    # Voxels of 1 mm: neighbours across a face or an edge are within 1.5 mm.
    inside = ndimage.binary_dilation(mask, ndimage.generate_binary_structure(3, 2))
    coarse = coarse_head(head)
    brain = SpatialMap(mask.astype(np.float32), head.affine)
    coarse_brain = resample(brain, coarse.extent, coarse.affine, order=0) > 0
    away = ndimage.distance_transform_edt(~coarse_brain, coarse.spacing)
    # The brain itself tells of the brain: with it, one that had lost a tenth took 5 %
    # off the volume of its skull, and without it 1 %.
    counts: Mask = (away > 0) & (away <= AROUND_MM)
    around = coarse.values[counts & (away > SPACING)].mean()
    bare = around < LEAST_SCALP * coarse.values[coarse_brain].mean()
    near = SpatialMap(counts.astype(np.float32), coarse.affine)
    return coarse, near, math.nan if bare else float(inside.sum()) / 1000
