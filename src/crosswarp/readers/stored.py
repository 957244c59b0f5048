"""The bytes of a NIfTI image, held against its header before any voxel is looked at."""

import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from crosswarp.bids.images import (
    HEADERS,
    NIFTI,
    VOXELS,
    other_of_pair,
    why_absent,
    why_unreadable,
)
from crosswarp.errors import ScanError
from crosswarp.readers.nifti_header import (
    LONGEST_HEADER,
    Layout,
    read_layout,
)

MOST_AFTER: Final = 1 << 24
"""Bytes that may follow the voxels."""

_CHUNK: Final = 1 << 20
_NO_MEMBER: Final = "Not a gzipped file"
"""How Python begins to say that what follows a compressed file is not compressed."""


@dataclass(frozen=True)
class Stored:
    """An image as its file or pair of files holds it.

    Attributes:
        layout: How the voxels are stored.
        voxels: Their bytes, and no others.
        notes: Sentences on what was read otherwise than the header says.
    """

    layout: Layout
    voxels: bytes
    notes: tuple[str, ...]


def read_stored(path: Path) -> Stored:
    """Read a whole image, or say in one line why it is not what its header says.

    Args:
        path: A ``.nii`` or ``.nii.gz`` file, or either file of a pair ``.hdr`` and
            ``.img``; any of them may be compressed. Case does not matter.

    Raises:
        ScanError: If a file is missing, empty, damaged, of another format, or of
            another length than the header says; or if the system does not let it be
            read.
    """
    try:
        return _read(path)
    except OSError as error:
        raise ScanError(why_unreadable(path, error)) from error


def _read(path: Path) -> Stored:
    _check_name(path)
    pair = other_of_pair(path)
    is_header = path.name.lower().endswith(HEADERS)
    if pair is None:
        return _read_single(path)
    head, body = (path, pair) if is_header else (pair, path)
    return _read_pair(head, body)


def _check_name(path: Path) -> None:
    if not path.name.lower().endswith((*NIFTI, *HEADERS)):
        msg = f"{path.name}: expected a NIfTI file, .nii or .nii.gz (or .hdr and .img)"
        raise ScanError(msg)
    path.stat()  # or FileNotFoundError
    if not path.is_file():
        raise ScanError(why_absent(path))
    if path.name.lower().endswith(VOXELS) and other_of_pair(path) is None:
        msg = f"{path.name}: its header (.hdr) is not there; copy both files"
        raise ScanError(msg)


def _read_single(path: Path) -> Stored:
    with _opened(path) as file:
        start = _take(path, file, LONGEST_HEADER)
        layout = read_layout(path.name, start)
        if layout.in_pair:
            msg = (
                f"{path.name}: its header says that the voxels are in another file"
                " (.img), which is not there; copy both files"
            )
            raise ScanError(msg)
        return _read_voxels(path, file, layout, start)


def _read_pair(head: Path, body: Path) -> Stored:
    with _opened(head) as file:
        layout = read_layout(head.name, _take(head, file, LONGEST_HEADER))
    if not layout.in_pair:
        msg = (
            f"{head.name}: its header is that of a single .nii file, but there is"
            f" {body.name} too; convert it again"
        )
        raise ScanError(msg)
    with _opened(body) as file:
        return _read_voxels(body, file, layout, b"")


def _read_voxels(
    path: Path, file: io.BufferedIOBase, layout: Layout, start: bytes
) -> Stored:
    """Read from after ``start`` to the end, so that gzip verifies its checksum."""
    offsets = layout.offsets
    least, end = (offset + layout.voxel_bytes for offset in (min(offsets), offsets[0]))
    content = start + _take(path, file, max(0, end - len(start)))
    if len(content) < least:
        msg = (
            f"{path.name}: incomplete, {len(content)} bytes where the header needs"
            f" {end}; copy it again"
        )
        raise ScanError(msg)
    notes = [*layout.notes]
    if layout.offset == 0 and not layout.in_pair:
        notes.append("the header gives no vox_offset; the voxels follow the header")
    # Of the places where they may begin, the last byte tells: none is left over.
    begin = offsets[0] if len(content) >= end else len(content) - layout.voxel_bytes
    if begin not in offsets:
        msg = (
            f"{path.name}: {len(content)} bytes, where the header needs {end};"
            " incomplete, copy it again"
        )
        raise ScanError(msg)
    after, only_zeros = _bytes_after(path, file)
    after += max(0, len(content) - end)
    if after:
        _check_after(path, layout, after, only_zeros=only_zeros)
        notes.append(f"{after} bytes after the voxels were not read")
    return Stored(layout, content[begin : begin + layout.voxel_bytes], tuple(notes))


def _check_after(path: Path, layout: Layout, after: int, *, only_zeros: bool) -> None:
    """Refuse what may be voxels: with another extent every row would be shifted."""
    planes = [layout.voxel_bytes // n for n in layout.extent]
    if after < min(planes):
        return
    is_planes = any(after % plane == 0 for plane in planes)
    if after > MOST_AFTER or is_planes or not only_zeros:
        msg = (
            f"{path.name}: holds more than its header says ({after} bytes more, which"
            " may be voxels); not read; correct the header, or convert it again"
        )
        raise ScanError(msg)


def _bytes_after(path: Path, file: io.BufferedIOBase) -> tuple[int, bool]:
    """Count the bytes that are left, up to too many, and tell if all are 0."""
    count, only_zeros = 0, True
    while count <= MOST_AFTER:
        try:
            chunk = _take(path, file, _CHUNK)
        except _NotCompressedError:
            # All that was compressed has been verified.
            return count + 1, only_zeros
        if not chunk:
            break
        count += len(chunk)
        only_zeros = only_zeros and not np.frombuffer(chunk, np.uint8).any()
    return count, only_zeros


class _NotCompressedError(ScanError):
    """Bytes follow the compressed data that are not compressed."""


def _take(path: Path, file: io.BufferedIOBase, count: int) -> bytes:
    """Read as many bytes as there are, up to ``count``."""
    try:
        return file.read(count)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        msg = f"{path.name}: damaged or incomplete ({error}); copy it again"
        kind = _NotCompressedError if _NO_MEMBER in str(error) else ScanError
        raise kind(msg) from error


def _opened(path: Path) -> io.BufferedIOBase:
    if path.stat().st_size == 0:
        msg = f"{path.name}: the file is empty; copy it again"
        raise ScanError(msg)
    with path.open("rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if compressed else path.open("rb")
