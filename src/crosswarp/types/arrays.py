"""Arrays on disk and in preprocessing: NumPy, no batch axis.

Spatial axes are ``i j k``, the voxel axes of the NIfTI array.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Integer

ScalarMap: TypeAlias = Float[np.ndarray, "i j k"]
FinerMap: TypeAlias = Float[np.ndarray, "i2 j2 k2"]
CroppedMap: TypeAlias = Float[np.ndarray, "i2 j2 k2"]
"""The part of a map that networks see."""
StoredMaps: TypeAlias = Float[np.ndarray, "scan i j k"]
"""One map of every scan of an analysis."""
VectorField: TypeAlias = Float[np.ndarray, "i j k 3"]
FieldInBox: TypeAlias = Float[np.ndarray, "i2 j2 k2 3"]
Mask: TypeAlias = Bool[np.ndarray, "i j k"]
Affine: TypeAlias = Float[np.ndarray, "4 4"]
Matrix: TypeAlias = Float[np.ndarray, "3 3"]
LabelMap: TypeAlias = Integer[np.ndarray, "i j k"]
Points: TypeAlias = Float[np.ndarray, "point 3"]
PerPoint: TypeAlias = Float[np.ndarray, " point"]
Chosen: TypeAlias = Bool[np.ndarray, " point"]


@dataclass(frozen=True)
class SpatialMap:
    """Values on a grid, and where that grid lies.

    Attributes:
        values: One number a voxel.
        affine: Voxel indices to RAS+ millimetres.
    """

    values: ScalarMap
    affine: Affine

    @property
    def extent(self) -> tuple[int, int, int]:
        """Voxels along each axis."""
        i, j, k = self.values.shape
        return (i, j, k)

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Millimetres between voxels along each axis."""
        i, j, k = np.linalg.norm(self.affine[:3, :3], axis=0)
        return (float(i), float(j), float(k))
