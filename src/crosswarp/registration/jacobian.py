"""Log-Jacobian determinant of a deformation: local volume change, voxel by voxel."""

from typing import Final

import numpy as np

from crosswarp.errors import FoldingError, ShapeError
from crosswarp.types.arrays import Affine, Mask, Matrix, ScalarMap, VectorField

SMALLEST_DETERMINANT: Final = 0.01
"""Where folding is tolerated, the logarithm is taken of this."""

PLANES: Final = 16
"""Of the first axis, whose determinants are computed at a time."""


def log_jacobian(
    displacement: VectorField,
    affine: Affine,
    within: Mask | None = None,
    most_folded: float = 0.0,
) -> ScalarMap:
    r"""Compute the log-Jacobian determinant of a dense displacement field.

    The deformation maps a template point to the participant's anatomy,
    :math:`\varphi(x) = x + u(x)`, and this returns
    :math:`\log\det(I + \nabla u(x))`.

    Args:
        displacement: ``u``, in millimetres, along the RAS+ world axes
            (ITK and ANTs store LPS+; flip the first two components).
        affine: Voxel indices to RAS+ millimetres, of the template grid.
        within: Where folding counts (the brain); everywhere when None.
        most_folded: Fraction of the voxels within that may fold.

    Returns:
        Map on the template grid, without unit. Above 0 the participant is
        locally larger than the template (ventricles in AD), below 0 smaller
        (hippocampus in AD), 0 where there is no change in volume.

    Raises:
        ShapeError: If the grid has fewer than two voxels along an axis.
        FoldingError: If the determinant is not positive in more of the voxels
            than that.

    References:
        Ashburner & Friston (2000), Voxel-based morphometry: the methods.
        NeuroImage 11(6), 805-821. doi:10.1006/nimg.2000.0582

    Examples:
        A field that stretches every axis by a tenth:

        >>> grid = np.stack(np.indices((5, 6, 7)), axis=-1).astype(float)
        >>> growth = log_jacobian(0.1 * grid, np.eye(4))
        >>> bool(np.allclose(growth, 3 * np.log(1.1)))
        True
    """
    determinant = jacobian_determinant(displacement, affine)
    folded = determinant <= 0
    if within is not None:
        folded &= within
    counted = folded.size if within is None else int(within.sum())
    if folded.sum() > most_folded * counted:
        msg = (
            f"the deformation folds in {folded.sum()} of {counted} voxels"
            f" (smallest determinant {determinant[folded].min():.3g});"
            " raise the regularisation of the registration"
        )
        raise FoldingError(msg)
    return log_of(determinant)


def log_of(determinant: ScalarMap) -> ScalarMap:
    """Take the logarithm of a determinant, of the smallest one where it is below."""
    result: ScalarMap = np.log(np.maximum(determinant, SMALLEST_DETERMINANT))
    return result


def jacobian_determinant(displacement: VectorField, affine: Affine) -> ScalarMap:
    """Compute the Jacobian determinant of ``x + displacement(x)``.

    Args:
        displacement: Millimetres, RAS+, on the template grid.
        affine: Voxel indices to RAS+ millimetres, of the template grid.

    Returns:
        Local volume ratio, 1 where nothing changes, of the displacement's type.

    Raises:
        ShapeError: If the grid has fewer than two voxels along an axis.
    """
    extent = displacement.shape[:3]
    if min(extent) < 2:
        msg = f"need at least two voxels along every axis, got a grid of {extent}"
        raise ShapeError(msg)

    to_voxels = np.linalg.inv(affine[:3, :3]).astype(displacement.dtype)
    determinant: ScalarMap = np.empty(extent, displacement.dtype)
    # A few planes at a time, since a 1 mm grid has 8.5 million voxels. Those on both
    # sides of them make the differences the same as of the whole.
    for start in range(0, extent[0], PLANES):
        first, last = max(start - 1, 0), min(start + PLANES + 1, extent[0])
        some = _determinant(displacement[first:last], to_voxels)
        determinant[start : start + PLANES] = some[start - first :][:PLANES]
    return determinant


def _determinant(displacement: VectorField, to_voxels: Matrix) -> ScalarMap:
    rows = []
    for component in range(3):
        per_voxel = np.stack(np.gradient(displacement[..., component]), axis=-1)
        row = per_voxel @ to_voxels
        row[..., component] += 1
        rows.append(row)
    determinant: ScalarMap = np.einsum("...a,...a->...", rows[0], np.cross(*rows[1:]))
    return determinant
