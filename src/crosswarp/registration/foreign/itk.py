"""ITK and ANTs: displacement images, affines, and composites of both.

Transform files are read by ITK itself (SimpleITK), so that every kind of affine and
every nesting of composites is as ITK means it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from crosswarp.errors import InputError, MissingPackageError
from crosswarp.registration.foreign.steps import (
    AffineStep,
    ForeignTransform,
    Step,
    WarpStep,
)
from crosswarp.registration.foreign.vectors import (
    StoredVectors,
    is_nifti,
    looks_absolute,
    read_vectors,
)
from crosswarp.registration.lps import (
    TO_LPS,
    affine_from_lps,
    displacement_from_lps,
)
from crosswarp.registration.resampling import grid_points
from crosswarp.types.arrays import Affine, SpatialMap

if TYPE_CHECKING:
    import SimpleITK


def read_itk(path: Path, reference: SpatialMap) -> ForeignTransform:
    """Read what ITK or ANTs wrote.

    Args:
        path: A warp (``1Warp.nii.gz``), an affine (``0GenericAffine.mat``, ``.txt``,
            ``.tfm``) or a composite (``.h5``).
        reference: Not needed; ITK's files say where they lie.

    Raises:
        InputError: If it is none of these.
        MissingPackageError: If ITK is needed and not installed.
    """
    del reference
    if is_nifti(path):
        return ForeignTransform((warp_of(read_vectors(path)),), "ITK displacement")
    steps = _steps(_read(path), path)
    return ForeignTransform(tuple(steps), "ITK transform")


def warp_of(stored: StoredVectors) -> WarpStep:
    """Interpret a field as ITK does: LPS+ millimetres.

    Raises:
        InputError: If it holds coordinates, or numbers that are not finite.
    """
    displacement = displacement_from_lps(stored.values)
    if not np.isfinite(displacement).all():
        msg = f"{stored.path.name}: the displacement has numbers that are not finite"
        raise InputError(msg)
    extent = displacement.shape[:3]
    places = grid_points((extent[0], extent[1], extent[2]), stored.affine)
    # As other programs store them, and as this one would.
    if any(looks_absolute(v, places) for v in (stored.values, displacement)):
        msg = (
            f"{stored.path.name}: expected displacements in mm, got coordinates of"
            " points; if SPM wrote it, give `transform_format='spm'`"
        )
        raise InputError(msg)
    return WarpStep(displacement, stored.affine, stored.affine)


def _read(path: Path) -> "SimpleITK.Transform":
    try:
        import SimpleITK
    except ImportError as error:
        msg = "ITK is missing: pip install 'crosswarp[greedy]'"
        raise MissingPackageError(msg) from error
    try:
        return SimpleITK.ReadTransform(str(path)).Downcast()
    except RuntimeError as error:
        msg = (
            f"{path.name}: ITK cannot read it as a transform; expected a .h5, .mat,"
            " .txt or .tfm file of ITK or ANTs"
        )
        raise InputError(msg) from error


def _steps(transform: "SimpleITK.Transform", path: Path) -> list[Step]:
    """Take a transform apart, in the order in which a point goes through it."""
    name = transform.GetName()
    if name == "CompositeTransform":
        # ITK applies the last one first.
        count = transform.GetNumberOfTransforms()
        parts = [transform.GetNthTransform(n).Downcast() for n in range(count)]
        return [step for part in reversed(parts) for step in _steps(part, path)]
    if name == "DisplacementFieldTransform":
        return [_displacement(transform)]
    if transform.IsLinear() or name == "IdentityTransform":
        return [AffineStep(_matrix(transform))]
    msg = (
        f"{path.name} holds a {name}; expected affines and displacement fields; write"
        " it as a displacement field"
    )
    raise InputError(msg)


def _displacement(transform: "SimpleITK.Transform") -> WarpStep:
    import SimpleITK

    image = transform.GetDisplacementField()
    stored = SimpleITK.GetArrayViewFromImage(image)  # k j i, LPS+ mm
    displacement = displacement_from_lps(np.transpose(stored, (2, 1, 0, 3)))
    affine: Affine = np.eye(4)
    direction = np.reshape(image.GetDirection(), (3, 3))
    affine[:3, :3] = TO_LPS @ direction * image.GetSpacing()
    affine[:3, 3] = TO_LPS @ image.GetOrigin()
    return WarpStep(displacement, affine, affine)


def _matrix(transform: "SimpleITK.Transform") -> Affine:
    """Find an affine by where it takes four points, whatever its parameters are."""
    lps: Affine = np.eye(4)
    start = np.array(transform.TransformPoint((0.0, 0.0, 0.0)))
    units = np.eye(3).tolist()
    lps[:3, :3] = np.stack([transform.TransformPoint(p) - start for p in units], axis=1)
    lps[:3, 3] = start
    return affine_from_lps(lps)
