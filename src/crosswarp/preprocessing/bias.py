"""Take out the smooth brightness that the coil adds: N4."""

from typing import Final

import numpy as np

from crosswarp.registration.ants_library import load_ants
from crosswarp.registration.resampling import resample
from crosswarp.types.arrays import Affine, Mask, ScalarMap, SpatialMap

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
    # N4 takes logarithms, so nothing may be below zero.
    values = np.clip(scan.values, 0, None).astype(np.float32)
    steps = thinning(scan)
    if max(steps) == 1:
        return SpatialMap(_n4(values, brain, scan.spacing), scan.affine)
    i, j, k = (slice(None, None, step) for step in steps)
    affine: Affine = scan.affine @ np.diag([*steps, 1.0])
    thin = SpatialMap(values[i, j, k], affine)
    field = SpatialMap(
        _n4(thin.values, brain[i, j, k], thin.spacing, field=True), affine
    )
    whole = resample(field, scan.extent, scan.affine, outside="nearest")
    return SpatialMap(values / whole, scan.affine)


def thinning(scan: SpatialMap) -> tuple[int, int, int]:
    """Count the voxels along each axis that are as long as one of the coarsest axis.

    N4 shrinks all axes by one factor. By the finest of 0.45 x 0.45 x 5 mm that were
    13, and 65 mm between the slices that are left: far more than the field is smooth.

    Args:
        scan: Scan of any spacing.

    Returns:
        Steps along the three axes; 1 along all where spacings differ by less than 2.
    """
    i, j, k = (int(max(scan.spacing) / spacing + 1e-3) for spacing in scan.spacing)
    return (i, j, k)


def _n4(
    values: ScalarMap,
    brain: Mask,
    spacing: tuple[float, float, float],
    *,
    field: bool = False,
) -> ScalarMap:
    """Run N4; return the corrected image, or the field alone."""
    ants = load_ants()
    found: ScalarMap = ants.n4_bias_field_correction(
        ants.from_numpy(values, spacing=spacing),
        mask=ants.from_numpy(brain.astype(np.float32), spacing=spacing),
        shrink_factor=max(1, round(WORKING_SPACING / min(spacing))),
        convergence={"iters": [_ITERATIONS] * _LEVELS, "tol": _TOLERANCE},
        return_bias_field=field,
    ).numpy()
    return found.astype(np.float32)
