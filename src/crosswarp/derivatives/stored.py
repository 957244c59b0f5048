"""The bytes of a NIfTI file, held against its header before any voxel is read."""

import gzip
import io
import zlib
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np
from nibabel.spatialimages import HeaderDataError
from nibabel.wrapstruct import WrapStructError

from crosswarp.errors import ScanError

SUFFIXES: Final = (".nii", ".nii.gz")

MAX_VOXELS: Final = 512**3
"""Largest scan read: 0.5 mm in a field of view of 256 mm."""

PADDING: Final = 512
"""Bytes that may follow the voxels, as some programs fill up blocks."""

_HEADER_BYTES: Final = 348
_FIRST_OFFSET: Final = 352.0
_LONGEST_EXTENSION: Final = float(1 << 24)


def read_stored(path: Path) -> tuple[nib.Nifti1Header, bytes]:
    """Read a whole file, or say in one line why it is not what its header says.

    Args:
        path: A ``.nii`` or ``.nii.gz`` file.

    Returns:
        Its header, and all its bytes, the header's included.

    Raises:
        ScanError: If the file is missing, empty, damaged, of another format, or of
            another length than its header says.
    """
    if not path.is_file():
        msg = f"no scan at {path}"
        raise ScanError(msg)
    if not path.name.endswith(SUFFIXES):
        msg = f"{path.name}: expected a NIfTI file, {' or '.join(SUFFIXES)}"
        raise ScanError(msg)
    if path.stat().st_size == 0:
        msg = f"{path.name}: the file is empty; copy it again"
        raise ScanError(msg)
    try:
        with _opened(path) as file:
            start = file.read(_HEADER_BYTES)
            header = _parse_header(path, start)
            end = _end_of_voxels(path, header)
            most = end - _HEADER_BYTES + PADDING
            content = start + file.read(most + 1)
            # Reading to the end is what makes gzip verify its checksum.
            if len(content) - len(start) > most or file.read(1):
                msg = f"{path.name}: holds more than its header says; not read"
                raise ScanError(msg)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        msg = f"{path.name}: damaged or incomplete ({error}); copy it again"
        raise ScanError(msg) from error
    if len(content) < end:
        msg = (
            f"{path.name}: incomplete, {len(content)} bytes where the header needs"
            f" {end}; copy it again"
        )
        raise ScanError(msg)
    return header, content


def _opened(path: Path) -> io.BufferedIOBase:
    with path.open("rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if compressed else path.open("rb")


def _parse_header(path: Path, start: bytes) -> nib.Nifti1Header:
    looks = "; it looks like a web page" if start.lstrip()[:1] == b"<" else ""
    try:
        header = nib.Nifti1Header.from_fileobj(io.BytesIO(start), check=False)
    except (HeaderDataError, WrapStructError, ValueError) as error:
        msg = f"{path.name}: not a NIfTI file ({error}){looks}"
        raise ScanError(msg) from error
    if header["magic"].tobytes() != b"n+1\x00":
        msg = f"{path.name}: not a NIfTI-1 file{looks}"
        raise ScanError(msg)
    return header


def _end_of_voxels(path: Path, header: nib.Nifti1Header) -> int:
    """Bytes up to the last voxel, refused before any is read."""
    shape = [int(n) for n in header["dim"][1 : 1 + max(int(header["dim"][0]), 0)]]
    if not shape or min(shape) < 1:
        msg = f"{path.name}: the header's dimensions {shape} are not sizes"
        raise ScanError(msg)
    voxels = 1
    for n in shape:
        voxels *= n
    if voxels > MAX_VOXELS:
        msg = f"{path.name}: {shape} voxels; at most {MAX_VOXELS} are read"
        raise ScanError(msg)
    offset = float(header["vox_offset"])
    if not _FIRST_OFFSET <= offset <= _FIRST_OFFSET + _LONGEST_EXTENSION:
        msg = (
            f"{path.name}: by its header the voxels begin at byte {offset:g}; expected"
            f" {_FIRST_OFFSET:g} or not much more"
        )
        raise ScanError(msg)
    return int(offset) + voxels * _voxel_type(path, header).itemsize


def _voxel_type(path: Path, header: nib.Nifti1Header) -> np.dtype:
    try:
        dtype: np.dtype = header.get_data_dtype()
    except (HeaderDataError, KeyError) as error:
        msg = (
            f"{path.name}: the header's type of voxels, {int(header['datatype'])}, is"
            " none of NIfTI's"
        )
        raise ScanError(msg) from error
    if dtype.kind not in "iuf":
        msg = f"{path.name}: expected one number a voxel, got {dtype}"
        raise ScanError(msg)
    return dtype
