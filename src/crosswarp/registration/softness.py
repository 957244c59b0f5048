"""Where volumes are known to change: there the registration may bend more.

Structures that shrink or grow fastest in ageing and in Alzheimer's disease: the medial
temporal lobe and the ventricles. The choice says nothing about direction: growth and
loss are equally probable, and a scan that does not differ gets no change.

References:
    Fjell et al. (2009), One-year brain atrophy evident in healthy aging. Journal of
    Neuroscience 29(48), 15223-15231. doi:10.1523/JNEUROSCI.3252-09.2009
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.atlas import Region, load_atlas
from crosswarp.registration.settings import Resolution
from crosswarp.registration.template import Template, load_template
from crosswarp.types.arrays import Mask, ScalarMap
from crosswarp.types.grid import SPACE

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


def softness(template: Template) -> ScalarMap | None:
    """Say where on a template's grid the prior is softer, from 0 to 1.

    Args:
        template: Template of any kind.

    Returns:
        Nothing for a user's own template: the atlas lies in the embedded one's space.

    Raises:
        MissingPackageError: If the package with the atlas is not installed.
    """
    if template.space != SPACE:
        return None
    return _embedded(template.resolution)


@lru_cache(maxsize=2)
def _embedded(resolution: Resolution) -> ScalarMap:
    grid = load_template(resolution).brain
    labels, regions = load_atlas(grid.extent, grid.affine)
    return softness_of(np.isin(labels, changing(regions)), float(resolution))


def changing(regions: Sequence[Region]) -> list[int]:
    """List the labels of `STRUCTURES`."""
    return [region.label for region in regions if region.name in STRUCTURES]


def softness_of(structures: Mask, spacing: float) -> ScalarMap:
    """Widen and smooth a mask.

    Args:
        structures: Structures whose volumes change.
        spacing: Of its voxels, in mm.
    """
    distance = ndimage.distance_transform_edt(~structures, sampling=spacing)
    wide = (distance <= REACH).astype(np.float32)
    smooth: ScalarMap = ndimage.gaussian_filter(wide, EDGE / spacing)
    return smooth
