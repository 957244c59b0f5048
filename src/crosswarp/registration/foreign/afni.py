"""AFNI: 3dQwarp's displacements and 3dAllineate's affines."""

from pathlib import Path

import numpy as np

from crosswarp.registration.foreign.itk import warp_of
from crosswarp.registration.foreign.steps import (
    ForeignTransform,
    WarpStep,
    affine_alone,
    numbers_in,
)
from crosswarp.registration.foreign.vectors import is_nifti, read_vectors
from crosswarp.registration.lps import affine_from_lps
from crosswarp.types.arrays import Affine, SpatialMap


def read_afni(path: Path, reference: SpatialMap) -> ForeignTransform:
    """Read what AFNI wrote.

    Args:
        path: A warp of 3dQwarp as NIfTI (``3dcopy x_WARP+tlrc x_WARP.nii``), on the
            grid of its base; or a matrix of 3dAllineate (``.aff12.1D``), which maps
            the base to the source.
        reference: Not needed; AFNI's files say where they lie.

    Raises:
        InputError: If it is neither.
    """
    del reference
    if is_nifti(path):
        found = warp_of(read_vectors(path))
        axes = cardinal(found.affine)
        step = WarpStep(found.displacement, found.affine, axes)
        return ForeignTransform((step,), "AFNI warp")
    matrix: Affine = np.eye(4)
    matrix[:3] = numbers_in(path, 12).reshape(3, 4)
    return affine_alone(affine_from_lps(matrix), "AFNI affine")


def cardinal(affine: Affine) -> Affine:
    """Turn the axes of a grid into those of the room that they are nearest to.

    AFNI measures displacements so: it leaves the turn of an oblique scan out.

    Args:
        affine: Voxel indices to RAS+ millimetres, with axes at right angles.
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    directions = affine[:3, :3] / spacing
    nearest = np.zeros((3, 3))
    free = np.abs(directions)
    for _ in range(3):
        row, column = np.unravel_index(free.argmax(), free.shape)
        nearest[row, column] = np.sign(directions[row, column])
        free[row], free[:, column] = -1, -1
    found: Affine = affine.copy()
    found[:3, :3] = nearest * spacing
    return found
