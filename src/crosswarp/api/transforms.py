"""Registrations made by other programs."""

from crosswarp.api.paths import PathLike, as_path
from crosswarp.registration.foreign.made import TransformAsked, change_of
from crosswarp.registration.foreign.volume_change import VolumeChange


def transform_jacobian(
    transform: PathLike,
    reference: PathLike,
    *,
    transform_format: str | None = None,
    affine: PathLike | None = None,
    keep_affine: bool = False,
    moving: PathLike | None = None,
) -> VolumeChange:
    """Compute the log-Jacobian map of a registration made by another program.

    Args:
        transform: File of ITK or ANTs (``.h5``, displacement image, affine), FSL
            (fnirt's field or coefficients, flirt's matrix), SPM (``y_*.nii``), AFNI
            (3dQwarp as NIfTI, ``.aff12.1D``), greedy, or crosswarp.
        reference: Image that the other image was registered to: the fixed image,
            usually the template. What is not 0 in it counts as its foreground.
        transform_format: ``itk``, ``fsl``, ``spm``, ``afni``, ``greedy``, ``crosswarp``
            or ``voxels``; found out by the file when None.
        affine: Affine that belongs to the warp, whose volume change is added.
        keep_affine: Whether the volume change of an affine within the file stays in
            the map. Where the file does not name that part (SPM, FSL's fields), it is
            fitted to the warp over the foreground.
        moving: Image that was registered: a transform in the wrong direction, or one
            that counts voxels, is refused by it. Not with FSL's coordinates.

    Returns:
        ``log_jacobian`` (``values`` on the reference's grid, without unit, above 0
        where the registered image is larger than the reference; ``affine``, voxel
        indices to RAS+ mm), ``folded`` and ``counted`` voxels of the foreground,
        ``log_affine`` and whether it was ``fitted``.

    Raises:
        InputError: If a file is no transform or image, the format cannot be told, an
            affine was given for a warp, or the transform is for another space.
        ScanError: If a file cannot be read.
        MissingPackageError: If ITK is needed and not installed.

    Examples:
        A warp of ITK that stretches one axis by a tenth (its first axis points left):

        >>> import nibabel, pathlib, tempfile
        >>> import numpy as np
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> places = np.indices((8, 8, 8)).transpose(1, 2, 3, 0)[:, :, :, None]
        >>> warp = (-0.1 * places * [1, 0, 0]).astype("float32")
        >>> image = nibabel.Nifti1Image(warp, np.eye(4))
        >>> image.header.set_intent("vector")
        >>> nibabel.save(image, folder / "to1Warp.nii.gz")
        >>> fixed = nibabel.Nifti1Image(np.ones((8, 8, 8), "float32"), np.eye(4))
        >>> nibabel.save(fixed, folder / "template.nii.gz")
        >>> change = crosswarp.transform_jacobian(
        ...     folder / "to1Warp.nii.gz", folder / "template.nii.gz"
        ... )
        >>> bool(np.allclose(change.log_jacobian.values, np.log(1.1))), change.folded
        (True, 0)
    """
    asked = TransformAsked(
        as_path(transform),
        as_path(reference),
        transform_format,
        None if affine is None else as_path(affine),
        keep_affine,
        None if moving is None else as_path(moving),
    )
    return change_of(asked)[0]
