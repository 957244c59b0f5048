"""FSL: fnirt's fields and coefficients, and flirt's matrices.

FSL counts millimetres from a corner of the image, along the voxels' axes, the first of
which is turned round where the voxels would be right-handed. All its displacements are
in these coordinates, not in those of the room.
"""

from pathlib import Path
from typing import Final

import numpy as np

from crosswarp.errors import InputError
from crosswarp.registration.foreign.steps import (
    ForeignTransform,
    WarpStep,
    affine_alone,
    numbers_in,
)
from crosswarp.registration.foreign.vectors import (
    StoredVectors,
    is_nifti,
    looks_absolute,
    read_vectors,
)
from crosswarp.registration.resampling import grid_points
from crosswarp.types.arrays import Affine, FieldInBox, SpatialMap, VectorField
from crosswarp.types.grid import Extent

FIELD: Final = 2006
CUBIC_COEFFICIENTS: Final = 2007
INTENTS: Final = range(2006, 2018)
"""NIfTI intent codes that FSL has for its fields."""


def read_fsl(path: Path, reference: SpatialMap) -> ForeignTransform:
    """Read what FSL wrote.

    Args:
        path: A warp field (`fnirt's option fout`, ``convertwarp``), coefficients
            (``fnirt --cout``), or a matrix of flirt, which maps the moving image to
            the reference.
        reference: Reference image of fnirt, whose grid the coefficients lie over.

    Raises:
        InputError: If it is none of these, or coefficients of another kind.
    """
    if not is_nifti(path):
        # Of a lone affine only the volume change is asked, and both images' scaled
        # voxels are millimetres: where they begin does not matter.
        inverse = np.linalg.pinv(numbers_in(path, 16).reshape(4, 4))
        return affine_alone(inverse, "FSL flirt matrix")
    stored = read_vectors(path)
    intent = int(stored.header["intent_code"])
    if intent == CUBIC_COEFFICIENTS:
        return ForeignTransform((_from_coefficients(stored, reference),), "FSL fnirt")
    if intent in INTENTS and intent != FIELD:
        msg = (
            f"{path.name}: coefficients of a kind (NIfTI intent {intent}) that cannot"
            " be read; write the field with fnirt's option fout and give that"
        )
        raise InputError(msg)
    extent = (stored.values.shape[0], stored.values.shape[1], stored.values.shape[2])
    axes = scaled_voxels(extent, stored.affine)
    places = grid_points(extent, axes)
    displacement: VectorField = stored.values
    if looks_absolute(stored.values, places):
        displacement = (stored.values - places).astype(np.float32)
    step = WarpStep(displacement, stored.affine, axes, whole=True)
    return ForeignTransform((step,), "FSL warp field")


def scaled_voxels(extent: Extent, affine: Affine) -> Affine:
    """Describe the coordinates of FSL on a grid.

    Args:
        extent: Voxels along each axis.
        affine: Voxel indices to RAS+ millimetres.

    Returns:
        Voxel indices to FSL's millimetres.
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    scaled: Affine = np.diag([*spacing, 1.0])
    if np.linalg.det(affine[:3, :3]) > 0:
        scaled[0] = [-spacing[0], 0, 0, (extent[0] - 1) * spacing[0]]
    return scaled


def _from_coefficients(stored: StoredVectors, reference: SpatialMap) -> WarpStep:
    """Evaluate cubic splines at the voxels of fnirt's reference.

    The header has, in fields that mean something else elsewhere: the reference's
    extent as the offsets of the qform, its spacing as the intent's parameters, the
    distance of knots in voxels as the spacing, and flirt's matrix as the sform.
    """
    header, name = stored.header, stored.path.name
    offsets = [header[f"qoffset_{axis}"] for axis in "xyz"]
    extent = tuple(round(float(n)) for n in offsets)
    spacing = [float(header[f"intent_p{n}"]) for n in (1, 2, 3)]
    if extent != reference.extent or not np.allclose(
        spacing, reference.spacing, atol=1e-3
    ):
        shown = " x ".join(str(n) for n in extent)
        msg = (
            f"{name}: its coefficients are for a reference of {shown} voxels, got"
            f" {reference.extent}; give `reference` the image that fnirt registered to"
        )
        raise InputError(msg)
    if np.linalg.det(reference.affine[:3, :3]) > 0:
        msg = (
            f"{name}: the reference is not stored in FSL's own order (x from right to"
            " left), and coefficients do not say how they follow it; write the field"
            " with fnirt's option fout and give that"
        )
        raise InputError(msg)
    knots = [float(n) for n in header["pixdim"][1:4]]
    weights = [
        _splines(voxels, step, count)
        for voxels, step, count in zip(
            reference.extent, knots, stored.values.shape[:3], strict=True
        )
    ]
    field: FieldInBox = np.einsum(
        "abcd,ia,jb,kc->ijkd", stored.values, *weights, optimize=True
    ).astype(np.float32)
    to_moving: Affine = np.linalg.inv(header.get_sform())
    axes = scaled_voxels(reference.extent, reference.affine)
    # fnirtfileutils adds both parts up: x goes to its affine place plus d(x).
    linear = to_moving[:3, :3]
    affine_part = grid_points(reference.extent, axes) @ (linear - np.eye(3)).T
    field += (affine_part + to_moving[:3, 3]).astype(np.float32)
    return WarpStep(field, reference.affine, axes, linear=linear)


def _splines(voxels: int, step: float, count: int) -> np.ndarray:
    """Values of an axis's cubic splines at its voxels: one row a voxel."""
    places = np.arange(voxels) / step
    first = np.floor(places).astype(int)
    u = places - first
    values = (
        (1 - u) ** 3 / 6,
        (3 * u**3 - 6 * u**2 + 4) / 6,
        (-3 * u**3 + 3 * u**2 + 3 * u + 1) / 6,
        u**3 / 6,
    )
    weights = np.zeros((voxels, count))
    rows = np.arange(voxels)
    for n, value in enumerate(values):
        inside = first + n < count
        weights[rows[inside], (first + n)[inside]] = value[inside]
    return weights
