"""Where volumes are known to change: there the registration may bend more.

Structures that shrink or grow fastest in ageing and in Alzheimer's disease: the medial
temporal lobe and the ventricles. The choice says nothing about direction: growth and
loss are equally probable, and a scan that does not differ gets no change.

References:
    Fjell et al. (2009), One-year brain atrophy evident in healthy aging. Journal of
    Neuroscience 29(48), 15223-15231. doi:10.1523/JNEUROSCI.3252-09.2009
"""

from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.atlas import load_atlas
from crosswarp.types.arrays import Affine, LabelMap, Mask, ScalarMap

STRUCTURES: Final = (
    "hippocampus",
    "amygdala",
    "entorhinal",
    "parahippocampal",
    "lateral ventricle",
    "inferior lateral ventricle",
    "third ventricle",
)
"""Names in the atlas."""

REACH: Final = 3.0
"""Millimetres around a structure: what shrinks pulls its neighbours along."""

EDGE: Final = 2.0
"""SD of the Gaussian that makes the border gradual, in mm."""


def softness(extent: tuple[int, int, int], affine: Affine) -> ScalarMap:
    """Say where on the embedded template's grid the prior is softer, from 0 to 1.

    Args:
        extent: Of the grid.
        affine: Of the grid, 1 or 2 mm.

    Raises:
        MissingPackageError: If the package with the atlas is not installed.
        ShapeError: If the grid is not the template's.
    """
    labels, regions = load_atlas(extent, affine)
    ids = [region.label for region in regions if region.name in STRUCTURES]
    return softness_of(np.isin(labels, ids), abs(float(affine[0, 0])))


def softness_of(structures: Mask, spacing: float) -> ScalarMap:
    """Widen and smooth a mask.

    Args:
        structures: What changes.
        spacing: Of its voxels, in mm.
    """
    distance = ndimage.distance_transform_edt(~structures, sampling=spacing)
    wide = (distance <= REACH).astype(np.float32)
    smooth: ScalarMap = ndimage.gaussian_filter(wide, EDGE / spacing)
    return smooth
