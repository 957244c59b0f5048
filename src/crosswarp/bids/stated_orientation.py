"""Orientation of archived images whose files do not hold it.

A header of Analyze 7.5 does not say where left and right are. Of a few archives it is
known nevertheless, for one kind of image at a time. It is taken only where the file's
name and the header's geometry are both those of that kind, and it is noted with the
scan; any other file of Analyze 7.5 is refused. The file itself is never changed.
"""

import re
import struct
from dataclasses import dataclass
from typing import Final

import nibabel as nib
import numpy as np
from nibabel.analyze import AnalyzeHeader

from crosswarp.errors import ScanError

_BYTES: Final = 348
_MAGIC_AT: Final = slice(344, 348)
_MAGICS: Final = (b"n+1\0", b"ni1\0")
_MILLIMETRES: Final = 2
_TOLERANCE: Final = 1e-3


@dataclass(frozen=True)
class StatedOrientation:
    """Where the voxels of one kind of archived image lie.

    Attributes:
        what: What the images are, for messages.
        names: What the names of their files match; case does not count.
        extent: Voxels along the stored axes.
        spacing: Millimetres between voxels along the stored axes.
        affine: From voxel indices to RAS+ mm, by rows.
    """

    what: str
    names: re.Pattern[str]
    extent: tuple[int, int, int]
    spacing: tuple[float, float, float]
    affine: tuple[tuple[int, int, int, int], ...]


STATED: Final = (
    # Sagittal slices as Analyze 7.5 orders them when they are not flipped: columns
    # from back to front, rows from below upwards, slices from right to left. The
    # affine is also the one of Clinica's converter of OASIS-1.
    StatedOrientation(
        "average of OASIS-1 in the participant's space (SUBJ_111)",
        re.compile(
            r"OAS1_\d{4}_MR\d+_mpr_n\d_anon_sbj_111\.(hdr|img)(\.gz)?", re.IGNORECASE
        ),
        (256, 256, 160),
        (1.0, 1.0, 1.0),
        ((0, 0, -1, 80), (1, 0, 0, -128), (0, 1, 0, -128), (0, 0, 0, 1)),
    ),
)
"""All that are known. RAW images of OASIS-1 are not among them: their headers do not
say it either, and no converter in use reads them."""


def stated_orientation(name: str) -> StatedOrientation | None:
    """Look up the orientation of an archived image.

    Args:
        name: Name of its file, without folders.

    Returns:
        The orientation; None when no archive is known to have such a file.

    Example:
        >>> stated_orientation("OAS1_0001_MR1_mpr_n4_anon_sbj_111.img").extent
        (256, 256, 160)
        >>> stated_orientation("OAS1_0001_MR1_mpr-1_anon.img") is None
        True
    """
    return next((one for one in STATED if one.names.fullmatch(name)), None)


def with_orientation(name: str, start: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Give a header of Analyze 7.5 the orientation that is known of the file.

    Args:
        name: Name of the header's file.
        start: Its first bytes.

    Returns:
        The header as one of a NIfTI pair, and a note that says so; or, for any other
        file, ``start`` as it is and no note.

    Raises:
        ScanError: If the name is that of an image whose orientation is known, but the
            header has another geometry.
    """
    stated = stated_orientation(name)
    if stated is None or not is_analyze(start):
        return start, ()
    header = AnalyzeHeader(start[:_BYTES], check=False)
    _check_geometry(name, header, stated)
    oriented = nib.Nifti1Header(endianness=header.endianness)
    for field in ("dim", "datatype", "bitpix", "vox_offset"):
        oriented[field] = header[field]
    oriented["pixdim"][1:4] = np.abs(header["pixdim"][1:4])
    oriented["xyzt_units"] = _MILLIMETRES
    oriented["magic"] = b"ni1"
    oriented.set_sform(np.array(stated.affine, float), code=1)
    note = (
        "the header, of Analyze 7.5, does not say where left and right are; the"
        f" orientation known of the {stated.what} was taken"
    )
    return oriented.binaryblock, (note,)


def is_analyze(start: bytes) -> bool:
    """Whether a file begins with a header of Analyze 7.5, in either byte order."""
    if len(start) < _BYTES or start[_MAGIC_AT] in _MAGICS:
        return False
    return _BYTES in (struct.unpack(f"{order}i", start[:4])[0] for order in "<>")


def _check_geometry(
    name: str, header: AnalyzeHeader, stated: StatedOrientation
) -> None:
    extent = tuple(int(n) for n in header["dim"][1:4])
    spacing = np.abs(header["pixdim"][1:4].astype(float))
    if extent == stated.extent and np.allclose(
        spacing, stated.spacing, atol=_TOLERANCE
    ):
        return
    known = _geometry(np.array(stated.extent), np.array(stated.spacing))
    found = _geometry(np.array(extent), spacing)
    msg = (
        f"{name}: by its name the {stated.what}, of which it is known where left and"
        f" right are for {known}; the header has {found}; download it again"
    )
    raise ScanError(msg)


def _geometry(extent: np.ndarray, spacing: np.ndarray) -> str:
    voxels, sizes = (" x ".join(f"{n:g}" for n in ns) for ns in (extent, spacing))
    return f"{voxels} voxels of {sizes} mm"
