"""The header of a NIfTI file: which kind it is, and how its voxels are stored."""

import struct
from dataclasses import dataclass
from typing import Final

import nibabel as nib
import numpy as np
from nibabel.spatialimages import HeaderDataError
from nibabel.wrapstruct import WrapStructError

from crosswarp.bids.stated_orientation import is_analyze, with_orientation
from crosswarp.errors import ScanError

MAX_VOXELS: Final = 512**3
"""Largest scan read: 0.5 mm in a field of view of 256 mm."""

LONGEST_HEADER: Final = 540
"""Bytes of a NIfTI-2 header; a NIfTI-1 header has 348."""

_BYTES: Final = {1: 348, 2: LONGEST_HEADER}
_LONGEST_EXTENSION: Final = float(1 << 24)
_MAGIC: Final = {
    b"n+1\0": (1, False),
    b"ni1\0": (1, True),
    b"n+2\0": (2, False),
    b"ni2\0": (2, True),
}

_POINTERS: Final = (
    (b"/annex/objects/", "git-annex", "`git annex get` or `datalad get`"),
    (b"../.git/annex/objects/", "git-annex", "`git annex get` or `datalad get`"),
    (b"version https://git-lfs.", "Git LFS", "`git lfs pull`"),
)
"""How files begin that stand in for a content kept elsewhere, and what fetches it."""

_KINDS: Final = {
    32: "complex numbers",
    128: "colours (RGB)",
    1536: "128-bit numbers",
    1792: "complex numbers",
    2304: "colours (RGBA)",
}
"""What voxels may be by the header and are not in a T1w image."""

_TEXT: Final = b"<"


@dataclass(frozen=True)
class Layout:
    """How the voxels of an image are stored.

    Attributes:
        header: As nibabel parses it, not checked.
        extent: Voxels along the three axes of space.
        dtype: Type of a stored voxel, with its byte order.
        offset: Byte at which the voxels begin; 0 when the header does not say.
        in_pair: Whether the voxels are in a file of their own.
        notes: Sentences on what was taken otherwise than the header says.
    """

    header: nib.Nifti1Header
    extent: tuple[int, int, int]
    dtype: np.dtype
    offset: int
    in_pair: bool
    notes: tuple[str, ...] = ()

    @property
    def voxel_bytes(self) -> int:
        """Bytes of all voxels."""
        i, j, k = self.extent
        return i * j * k * self.dtype.itemsize

    @property
    def offsets(self) -> tuple[int, ...]:
        """Where the voxels may begin, the likeliest first.

        A header that gives 0 in a single file means "right after the header": after
        its four bytes on extensions, or, by some old writers, without these.
        """
        if self.offset or self.in_pair:
            return (self.offset,)
        size = int(self.header["sizeof_hdr"])
        return (size + 4, size)


def read_layout(name: str, start: bytes) -> Layout:
    """Read a header.

    Args:
        name: Name of the file, for messages.
        start: Its first bytes, up to `LONGEST_HEADER`.

    Raises:
        ScanError: If this is no NIfTI header, or one of no single 3D volume.
    """
    start, notes = with_orientation(name, start)
    version, in_pair = _kind(name, start)
    try:
        kind = nib.Nifti2Header if version == 2 else nib.Nifti1Header
        header = kind(start[: _BYTES[version]], check=False)
    except (HeaderDataError, WrapStructError, ValueError) as error:
        msg = f"{name}: not a NIfTI file ({error})"
        raise ScanError(msg) from error
    return Layout(
        header,
        _extent(name, header),
        _voxel_type(name, header),
        _offset(name, header, in_pair=in_pair),
        in_pair,
        notes,
    )


def _kind(name: str, start: bytes) -> tuple[int, bool]:
    """Tell the version of NIfTI, and whether the voxels are in another file."""
    found = _MAGIC.get(start[344:348])
    if found is not None:
        return found
    sizes = [struct.unpack(f"{order}i", start[:4])[0] for order in "<>" if start[3:]]
    if _BYTES[2] in sizes and start[4:8] in _MAGIC:
        return _MAGIC[start[4:8]]
    if is_analyze(start):
        msg = (
            f"{name}: not a NIfTI-1 file: a header of Analyze 7.5, which does not say"
            " where left and right are; convert it again from DICOM, or write it as"
            " NIfTI with its orientation"
        )
        raise ScanError(msg)
    msg = f"{name}: not a NIfTI file{_what_else(start)}"
    raise ScanError(msg)


def _what_else(start: bytes) -> str:
    text = start.lstrip()
    for begin, kept_by, command in _POINTERS:
        if text.startswith(begin):
            return (
                f": a pointer of {kept_by}, whose content has not been fetched; type"
                f" {command} in the data set"
            )
    return "; it looks like a web page" if text[:1] == _TEXT else ""


def _extent(name: str, header: nib.Nifti1Header) -> tuple[int, int, int]:
    """Voxels along the axes of space, refused before any voxel is read."""
    shape = [int(n) for n in header["dim"][1 : 1 + max(int(header["dim"][0]), 0)]]
    if not shape or min(shape[:3]) < 1:
        msg = f"{name}: the header's dimensions {shape} are not sizes"
        raise ScanError(msg)
    # Axes beyond space that are not set hold one volume, as NIfTI's library has it.
    extent, further = shape[:3], [max(1, n) for n in shape[3:]]
    voxels = 1
    for n in (*extent, *further):
        voxels *= n
    if voxels > MAX_VOXELS:
        msg = f"{name}: {shape} voxels; at most {MAX_VOXELS} are read"
        raise ScanError(msg)
    volumes = voxels // int(np.prod(extent))
    if volumes > 1 or len(extent) < 3 or min(extent) < 2:
        what = f"{volumes} volumes" if volumes > 1 else "fewer than three axes"
        msg = f"{name}: expected one 3D volume, got {what} {tuple(shape)}"
        raise ScanError(msg)
    return extent[0], extent[1], extent[2]


def _offset(name: str, header: nib.Nifti1Header, *, in_pair: bool) -> int:
    offset = float(header["vox_offset"])
    least = 0 if in_pair else int(header["sizeof_hdr"])
    if offset != 0 and not least <= offset <= least + _LONGEST_EXTENSION:
        first = 0 if in_pair else least + 4
        msg = (
            f"{name}: by its header the voxels begin at byte {offset:g}; expected"
            f" {first} or not much more"
        )
        raise ScanError(msg)
    return int(offset)


def _voxel_type(name: str, header: nib.Nifti1Header) -> np.dtype:
    try:
        dtype: np.dtype = header.get_data_dtype()
    except (HeaderDataError, KeyError) as error:
        msg = (
            f"{name}: the header's type of voxels, {int(header['datatype'])}, is none"
            " of NIfTI's"
        )
        raise ScanError(msg) from error
    if dtype.kind not in "iuf":
        code = int(header["datatype"])
        got = _KINDS.get(code, f"type {code}, {dtype}")
        msg = (
            f"{name}: expected one number a voxel, of up to 64 bits, got {got};"
            " convert it to float32"
        )
        raise ScanError(msg)
    return dtype
