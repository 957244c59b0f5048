"""A user's own heads to make virtual participants from: checked, then made ready."""

from pathlib import Path
from typing import Final

import numpy as np
from scipy import linalg

from crosswarp.errors import InputError, QualityError
from crosswarp.files import file_digest
from crosswarp.preprocessing.bias import correct_bias
from crosswarp.preprocessing.brain_mask import find_brain
from crosswarp.preprocessing.maps import make_maps
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.readers.background import without_offset
from crosswarp.readers.reading import read_t1w
from crosswarp.registration.resampling import resample
from crosswarp.registration.result import Registration
from crosswarp.registration.template import load_template
from crosswarp.simulation.heads import LABELLING, labels_of, write_head
from crosswarp.simulation.settings import OWN_HEAD
from crosswarp.types.arrays import Affine, SpatialMap

_DIGITS: Final = 8


def own_head_name(path: Path) -> str:
    """Name a head by what its file holds, never by where it lies or who it is.

    Raises:
        InputError: If there is no such file.
    """
    if not path.is_file():
        msg = f"no head at {path}; give a T1w image, .nii or .nii.gz"
        raise InputError(msg)
    return f"{OWN_HEAD}{file_digest(path)[:_DIGITS]}"


def prepare_own_head(path: Path, folder: Path) -> None:
    """Make a user's head ready, if it passes what every scan must pass.

    The head is turned as the template lies (without a change of size), to 1 mm.

    Args:
        path: A whole head.
        folder: Where to keep the files.

    Raises:
        ScanError: If the file cannot be read or the scan fails a limit of quality.
    """
    scan = without_offset(read_t1w(path))
    settings = PreprocessSettings(resolution=2, registration=LABELLING)
    maps = make_maps(scan, settings)
    if refused := maps.refused(settings.limits):
        raise QualityError(refused, maps.quality.as_row())
    placed = maps.registration
    even = correct_bias(scan, find_brain(scan))
    turn = _rigid(placed.affine)
    grid = load_template(1).brain
    turned = resample(even, grid.extent, grid.affine, turn)
    head = SpatialMap(turned.astype(np.float32), grid.affine)
    to_head = Registration(np.linalg.inv(turn) @ placed.affine, placed.displacement)
    write_head(folder, own_head_name(path), head, labels_of(head, to_head), to_head)


def _rigid(affine: Affine) -> Affine:
    """The rotation nearest to an affine, with its own place of the origin."""
    rotation, _ = linalg.polar(affine[:3, :3])
    rigid: Affine = np.eye(4)
    rigid[:3, :3] = rotation
    rigid[:3, 3] = affine[:3, 3]
    return rigid
