"""Our RAS+ millimetres and the LPS+ of ITK, in which ANTs and greedy think."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from crosswarp.types.arrays import Affine, Matrix, VectorField

TO_LPS: Final = np.diag([-1.0, -1.0, 1.0])
"""RAS+ to LPS+, and back."""


@dataclass(frozen=True)
class ItkGrid:
    """A grid as ITK describes it, LPS+.

    Attributes:
        spacing: Millimetres between voxels along each axis.
        direction: Of the axes, a column each.
        origin: Of the first voxel.
    """

    spacing: tuple[float, ...]
    direction: Matrix
    origin: tuple[float, ...]


def itk_grid(affine: Affine) -> ItkGrid:
    """Describe a grid for ITK.

    Args:
        affine: Voxel indices to RAS+ mm, with axes at right angles.
    """
    columns = TO_LPS @ affine[:3, :3]
    spacing = np.linalg.norm(columns, axis=0)
    origin = TO_LPS @ affine[:3, 3]
    return ItkGrid(tuple(spacing.tolist()), columns / spacing, tuple(origin.tolist()))


def displacement_from_lps(stored: VectorField) -> VectorField:
    """Turn a displacement, in mm, from LPS+ to RAS+, as 32-bit floats."""
    flip = TO_LPS.astype(np.float32)
    displacement: VectorField = np.ascontiguousarray(stored.astype(np.float32) @ flip)
    return displacement


def affine_from_lps(stored: Affine) -> Affine:
    """Turn a map between LPS+ millimetres into one between RAS+ millimetres."""
    flip = np.diag([-1.0, -1.0, 1.0, 1.0])
    affine: Affine = flip @ stored @ flip
    return affine
