"""Fields of vectors in NIfTI files, as they are stored."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from crosswarp.bids.volumes import Volume, open_volume
from crosswarp.errors import InputError
from crosswarp.types.arrays import Affine, VectorField

NIFTI: Final = (".nii", ".nii.gz")

MOST_VALUES: Final = 1 << 27
"""Numbers of one field: a head of 320 voxels along each axis."""

AFNI_EXTENSION: Final = 4
"""Code of a NIfTI extension that AFNI writes."""


@dataclass(frozen=True)
class StoredVectors:
    """A field of vectors, not yet interpreted.

    Attributes:
        path: Path of the file.
        values: Three numbers a voxel.
        affine: Voxel indices to RAS+ millimetres.
        header: Header as nibabel parses it.
    """

    path: Path
    values: VectorField
    affine: Affine
    header: Any


def is_nifti(path: Path) -> bool:
    """Whether a file is named as NIfTI files are."""
    return path.name.lower().endswith(NIFTI)


def read_vectors(path: Path) -> StoredVectors:
    """Read a field of three numbers a voxel, float32.

    Args:
        path: A ``.nii`` or ``.nii.gz`` file with four axes, or five of which the
            fourth has the length 1.

    Raises:
        ScanError: If the file cannot be read.
        InputError: If it holds no vectors.
    """
    stored = open_volume(path, "write it again", MOST_VALUES)
    values = stored.values().reshape(vector_shape(stored))
    return StoredVectors(path, values, stored.affine, stored.header)


def vector_shape(stored: Volume) -> tuple[int, ...]:
    """Return the four axes of a field, the last of which are the three numbers.

    Raises:
        InputError: If the file holds no vectors.
    """
    shape = stored.shape
    if len(shape) == 5 and shape[3] == 1:
        shape = (*shape[:3], shape[4])
    if len(shape) != 4 or shape[3] != 3:
        shown = " x ".join(str(n) for n in stored.shape)
        msg = (
            f"{stored.path.name}: expected a warp with three numbers a voxel, got"
            f" {shown}; give the deformation, not an image that was warped"
        )
        raise InputError(msg)
    return shape


def extension_code(path: Path) -> int:
    """Return the code of the first NIfTI extension; 0 where there is none."""
    import gzip

    opened: Any = gzip.open if path.name.endswith(".gz") else open
    with opened(path, "rb") as file:
        start = file.read(360)
    flagged = len(start) == 360 and start[348] != 0
    return int.from_bytes(start[356:360], "little") if flagged else 0


def looks_absolute(values: VectorField, places: VectorField) -> bool:
    """Whether a field holds coordinates rather than displacements.

    Coordinates vary as the places do; FSL's programs tell the two in this way.

    Args:
        values: Field in question.
        places: Coordinates of its voxels, in the same system.
    """
    every = (slice(None, None, 3),) * 3
    varied = np.nanstd(values[every], axis=(0, 1, 2)).sum()
    around = np.nanstd(values[every] - places[every], axis=(0, 1, 2)).sum()
    return bool(varied > around)
