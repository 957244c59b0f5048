"""Where the voxels of a NIfTI image lie: sform, qform, spacing and unit of length.

Readers differ where a header contradicts itself: nibabel takes any sform whose code
is above 0, ITK the spacing of ``pixdim``. Here the sform is taken unless it holds
nothing, or other voxel sizes than ``pixdim`` while a qform agrees with that. Where one
of the two is a mirror image of the other, left and right cannot be told.
"""

from typing import Final

import nibabel as nib
import numpy as np
from nibabel.quaternions import quat2mat
from nibabel.spatialimages import HeaderDataError

from crosswarp.errors import ScanError
from crosswarp.readers.nifti_header import Layout
from crosswarp.types.arrays import Affine

SMALLEST_SPACING: Final = 1e-3
"""Millimetres between voxels; below, a number was lost."""

LEAST_UPRIGHT: Final = 0.5
"""Volume of a voxel, as a share of a box with its edges: less is no scanner's."""

FARTHEST: Final = 1e5
"""Millimetres from the origin to the first voxel; beyond, digits are lost."""

LONGEST_QUATERNION: Final = 1.01
"""Squared length of a rotation's three numbers; above 1 by rounding alone."""

SAME_SIZE: Final = 0.02
"""Relative difference up to which two spacings, or two volumes, are one."""

FIELD_OF_VIEW: Final = (50.0, 2000.0)
"""Millimetres; what is outside is in another unit of length."""

_MILLIMETRES: Final = {1: 1000.0, 3: 1e-3}
"""Of NIfTI's other units of length, by their codes."""

_UNIT_NAMES: Final = {1: "metres", 3: "micrometres"}
_SPACE_CODE: Final = 0b111


def find_affine(name: str, layout: Layout) -> tuple[Affine, list[str]]:
    """Tell where the voxels lie.

    Args:
        name: Name of the file, for messages.
        layout: Header of the image.

    Returns:
        From voxel indices to RAS+ mm; and notes on what was taken otherwise than the
        header says.

    Raises:
        ScanError: If the header does not say, or only what cannot be.
    """
    notes: list[str] = []
    with np.errstate(all="ignore"):
        affine = _from_forms(name, layout.header, notes)
    factor = _factor(affine, layout, notes)
    if factor != 1:
        affine = np.diag([factor, factor, factor, 1.0]) @ affine
    if not _is_usable(affine):
        msg = (
            f"{name}: the affine is not usable ({affine[:3].tolist()} mm); convert it"
            " again from DICOM"
        )
        raise ScanError(msg)
    return affine, notes


def _from_forms(name: str, header: nib.Nifti1Header, notes: list[str]) -> Affine:
    """Choose between sform and qform, in the header's unit of length."""
    has_sform, has_qform = (int(header[f"{f}form_code"]) > 0 for f in "sq")
    sform: Affine = header.get_sform()
    if not has_sform and not has_qform:
        hint = (
            "; the sform looks usable: if it is right, set its code to 1"
            if _is_upright(sform)
            else ""
        )
        msg = (
            f"{name}: the header does not say how the scan lies (sform and qform"
            f" codes are 0); convert it again from DICOM{hint}"
        )
        raise ScanError(msg)
    if not has_sform:
        return _qform(name, header, notes)
    why = _why_not(sform, header)
    if not why:
        if has_qform:
            _compare(name, sform, header, notes)
        return sform
    if has_qform:
        affine = _qform(name, header, notes)
        notes.append(f"{why}; the qform was taken")
        return affine
    if _is_upright(sform) and np.array_equal(sform[:3, :3], np.eye(3)):
        msg = (
            f"{name}: {why}, there is no qform, and the sform is the identity; write"
            " the right one, or convert it again from DICOM"
        )
        raise ScanError(msg)
    if _is_upright(sform):
        notes.append(f"{why}; the sform was taken")
    return sform


def _compare(
    name: str, sform: Affine, header: nib.Nifti1Header, notes: list[str]
) -> None:
    """Hold a usable sform against the qform: sides that differ cannot be told."""
    try:
        qform = _qform(name, header, [])
    except ScanError:
        # Nothing can be read from it, so nothing of it contradicts.
        return
    if not _is_upright(qform):
        return
    by_sform, by_qform = ("".join(nib.aff2axcodes(form)) for form in (sform, qform))
    if np.linalg.det(sform[:3, :3]) * np.linalg.det(qform[:3, :3]) < 0:
        msg = (
            f"{name}: the sform ({by_sform}) mirrors the qform ({by_qform}), so left"
            " and right cannot be told; set the code of the wrong one to 0, or convert"
            " it again from DICOM"
        )
        raise ScanError(msg)
    if by_sform != by_qform:
        notes.append(
            f"by the sform the axes are {by_sform}, by the qform {by_qform}; the sform"
            " was taken"
        )


def _why_not(sform: Affine, header: nib.Nifti1Header) -> str:
    """Say what speaks against a sform; empty when nothing does."""
    if not _is_upright(sform):
        return "the sform holds no orientation"
    sizes = np.abs(header["pixdim"][1:4].astype(np.float64))
    spacing = np.linalg.norm(sform[:3, :3], axis=0)
    if not np.isfinite(sizes).all() or sizes.min() <= 0:
        return ""
    # A shear, as of a tilted gantry, lengthens an edge but keeps the volume.
    volume = abs(np.linalg.det(sform[:3, :3]))
    box = np.prod(sizes)
    sheared = volume < (1 - SAME_SIZE / 10) * np.prod(spacing)
    same_volume = abs(volume / box - 1) < 3 * SAME_SIZE
    same_edges = bool((np.abs(spacing / sizes - 1) < SAME_SIZE).all())
    if same_edges or (sheared and same_volume):
        return ""
    shown = (" x ".join(f"{n:.3g}" for n in s) for s in (spacing, sizes))
    return "by the sform voxels are {}, by pixdim {}".format(*shown)


def _qform(name: str, header: nib.Nifti1Header, notes: list[str]) -> Affine:
    """Take the qform, as NIfTI's own library reads it where nibabel refuses."""
    header = header.copy()
    if header["pixdim"][0] not in (-1, 1):
        # NIfTI's library: below 0 is -1, all else, 0 above all, is 1.
        header["pixdim"][0] = -1 if header["pixdim"][0] < 0 else 1
        notes.append("pixdim[0] is neither 1 nor -1; its sign was taken")
    try:
        length = float(sum(float(header[f"quatern_{n}"]) ** 2 for n in "bcd"))
        if 1 + np.finfo(np.float32).eps < length <= LONGEST_QUATERNION:
            notes.append("the qform's rotation is longer than 1; it was normalised")
            return _half_turn(header)
        affine: Affine = header.get_qform()
    except (HeaderDataError, ValueError) as error:
        msg = f"{name}: the header is not usable ({error}); convert it again"
        raise ScanError(msg) from error
    return affine


def _half_turn(header: nib.Nifti1Header) -> Affine:
    """Build the affine of a rotation by 180 degrees, whose first number is 0."""
    pixdim = header["pixdim"].astype(np.float64)
    numbers = [float(header[f"quatern_{n}"]) for n in "bcd"]
    affine: Affine = np.eye(4)
    affine[:3, :3] = quat2mat([0.0, *numbers]) * pixdim[1:4] * [1, 1, pixdim[0]]
    affine[:3, 3] = [float(header[f"qoffset_{axis}"]) for axis in "xyz"]
    return affine


def _factor(affine: Affine, layout: Layout, notes: list[str]) -> float:
    """Millimetres of the header's unit of length, unless only millimetres can be."""
    code = int(layout.header["xyzt_units"]) & _SPACE_CODE
    factor = _MILLIMETRES.get(code, 1.0)
    if factor == 1:
        return factor
    with np.errstate(all="ignore"):
        spacing = np.linalg.norm(affine[:3, :3], axis=0)
    fields = spacing * layout.extent
    unit = _UNIT_NAMES[code]
    if not _is_of_a_head(factor * fields) and _is_of_a_head(fields):
        notes.append(f"xyzt_units says {unit}, which cannot be; millimetres were taken")
        return 1.0
    notes.append(f"lengths are in {unit}, by xyzt_units")
    return factor


def _is_of_a_head(fields: np.ndarray) -> bool:
    least, greatest = FIELD_OF_VIEW
    return bool(((fields >= least) & (fields <= greatest)).all())


def _is_upright(affine: Affine) -> bool:
    """Whether voxels have a size and axes that do not coincide."""
    with np.errstate(all="ignore"):
        spacing = np.linalg.norm(affine[:3, :3], axis=0)
        slant = abs(np.linalg.det(affine[:3, :3])) / spacing.prod()
    return bool(np.isfinite(affine).all() and slant >= LEAST_UPRIGHT)


def _is_usable(affine: Affine) -> bool:
    """Whether voxels are those of a scanner, and lie in a room."""
    with np.errstate(all="ignore"):
        spacing = np.linalg.norm(affine[:3, :3], axis=0)
    return bool(
        _is_upright(affine)
        and spacing.min() >= SMALLEST_SPACING
        and np.abs(affine[:3, 3]).max() <= FARTHEST
    )
