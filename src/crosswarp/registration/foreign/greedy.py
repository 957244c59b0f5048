"""Greedy: warps as ITK has them, affines as a matrix of RAS+ millimetres."""

from pathlib import Path

from crosswarp.registration.foreign.itk import warp_of
from crosswarp.registration.foreign.steps import (
    ForeignTransform,
    affine_alone,
    numbers_in,
)
from crosswarp.registration.foreign.vectors import is_nifti, read_vectors
from crosswarp.types.arrays import SpatialMap


def read_greedy(path: Path, reference: SpatialMap) -> ForeignTransform:
    """Read what greedy wrote.

    Args:
        path: A warp (``-o warp.nii.gz``) or an affine (``-a -o affine.mat``), which
            maps the fixed image's RAS+ millimetres to the moving image's.
        reference: Not needed; greedy's files say where they lie.

    Raises:
        InputError: If it is neither.
    """
    del reference
    if is_nifti(path):
        return ForeignTransform((warp_of(read_vectors(path)),), "greedy warp")
    return affine_alone(numbers_in(path, 16).reshape(4, 4), "greedy affine")
