"""SPM: deformation fields ``y_*.nii``, which hold where each voxel lies in the scan."""

from pathlib import Path

import numpy as np

from crosswarp.errors import InputError
from crosswarp.registration.foreign.steps import ForeignTransform, WarpStep
from crosswarp.registration.foreign.vectors import looks_absolute, read_vectors
from crosswarp.registration.resampling import grid_points
from crosswarp.types.arrays import SpatialMap, VectorField


def read_spm(path: Path, reference: SpatialMap) -> ForeignTransform:
    """Read a deformation field of SPM: RAS+ millimetres in the scan, affine included.

    Args:
        path: ``y_*.nii``, on a grid of the template's.
        reference: Not needed; the file says where it lies.

    Raises:
        InputError: If it holds displacements, not coordinates.
    """
    del reference
    stored = read_vectors(path)
    extent = stored.values.shape[:3]
    places = grid_points((extent[0], extent[1], extent[2]), stored.affine)
    if not looks_absolute(stored.values, places):
        msg = (
            f"{path.name}: expected coordinates of points in mm, as SPM writes them,"
            " got displacements; if ITK or ANTs wrote it, give `transform_format='itk'`"
        )
        raise InputError(msg)
    displacement: VectorField = (stored.values - places).astype(np.float32)
    step = WarpStep(displacement, stored.affine, stored.affine, whole=True)
    return ForeignTransform((step,), "SPM deformation field")
