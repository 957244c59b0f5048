"""Take out the smooth brightness that the coil adds: N4."""

from typing import Final

import numpy as np

from crosswarp.registration.ants_library import load_ants
from crosswarp.types.arrays import Mask, ScalarMap, SpatialMap

WORKING_SPACING: Final = 6.0
"""Millimetres between the voxels at which the field is estimated; it is smooth.

With 4 levels the white matter of a virtual head became more even than with 3 levels
at 4 mm (coefficient of variation 0.057 against 0.063), in half the time.
"""

_ITERATIONS: Final = 50
_LEVELS: Final = 4
_TOLERANCE: Final = 1e-3


def correct_bias(scan: SpatialMap, brain: Mask) -> SpatialMap:
    """Correct the bias field, estimated inside the brain.

    Args:
        scan: Any positive intensities.
        brain: Where the tissue's own brightness is alike; on the scan's grid.

    Returns:
        The scan, with intensities of the same scale and an even brightness.

    Raises:
        MissingPackageError: If ANTs is not installed.

    References:
        Tustison et al. (2010), N4ITK: improved N3 bias correction. IEEE
        Transactions on Medical Imaging 29(6), 1310-1320.
        doi:10.1109/TMI.2010.2046908
    """
    ants = load_ants()
    # N4 takes logarithms, so nothing may be below zero.
    values = np.clip(scan.values, 0, None).astype(np.float32)
    shrink = max(1, round(WORKING_SPACING / min(scan.spacing)))
    corrected: ScalarMap = ants.n4_bias_field_correction(
        ants.from_numpy(values, spacing=scan.spacing),
        mask=ants.from_numpy(brain.astype(np.float32), spacing=scan.spacing),
        shrink_factor=shrink,
        convergence={"iters": [_ITERATIONS] * _LEVELS, "tol": _TOLERANCE},
    ).numpy()
    return SpatialMap(corrected.astype(np.float32), scan.affine)
