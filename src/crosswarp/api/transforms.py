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
        The displacement that `preprocess` wrote:

        >>> folder = study / "derivatives" / "sub-001" / "anat"
        >>> (field,) = folder.glob("*_xfm.nii.gz")
        >>> (scan,) = folder.glob("*_desc-preproc_T1w.nii.gz")
        >>> change = crosswarp.transform_jacobian(field, scan)
        >>> change.log_jacobian.values.shape, change.folded
        ((97, 115, 97), 0)
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
