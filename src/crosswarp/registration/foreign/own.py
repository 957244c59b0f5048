"""Displacements as crosswarp writes them, and such as are counted in voxels."""

from pathlib import Path
from typing import Final

import numpy as np

from crosswarp.registration.foreign.steps import ForeignTransform, WarpStep
from crosswarp.registration.foreign.vectors import read_vectors
from crosswarp.types.arrays import SpatialMap, VectorField

INTENT_NAME: Final = "RAS+ mm"
"""Stands in the header of a displacement that crosswarp wrote."""


def read_own(path: Path, reference: SpatialMap) -> ForeignTransform:
    """Read a displacement of `crosswarp preprocess`: RAS+ mm, without the affine.

    Args:
        path: ``*_xfm.nii.gz`` of a folder of maps.
        reference: Not needed; the file says where it lies.
    """
    del reference
    stored = read_vectors(path)
    step = WarpStep(stored.values, stored.affine, stored.affine)
    return ForeignTransform((step,), "crosswarp displacement")


def read_voxels(path: Path, reference: SpatialMap) -> ForeignTransform:
    """Read a displacement that is counted in voxels along the voxels' axes.

    Networks write such fields, VoxelMorph for one.

    Args:
        path: NIfTI file of three numbers a voxel.
        reference: Not needed; the file says where it lies.
    """
    del reference
    stored = read_vectors(path)
    turned = stored.values @ stored.affine[:3, :3].T
    displacement: VectorField = turned.astype(np.float32)
    step = WarpStep(displacement, stored.affine, stored.affine)
    return ForeignTransform((step,), "displacement in voxels")
