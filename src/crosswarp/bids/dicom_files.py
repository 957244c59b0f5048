"""DICOM files, told by their bytes, and the few tags that say what they are."""

import logging
import struct
import warnings
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO, Final

from crosswarp.bids.bounded_dicom import read_dataset
from crosswarp.documents import UNREADABLE
from crosswarp.errors import MissingPackageError
from crosswarp.machine import machine_status

if TYPE_CHECKING:
    from pydicom import Dataset

_MAGIC: Final = b"DICM"
_MAGIC_AT: Final = 128
HEAD_BYTES: Final = 512
"""Bytes from the start of a file that `looks_dicom` needs."""

_FIRST_GROUPS: Final = (0x0002, 0x0008)
_ELEMENTS: Final = 3
_LONGEST: Final = 256
"""Bytes of an identifying element; longer ones are not at the start of a header."""

_LONG_VR: Final = (b"OB", b"OW", b"SQ", b"UN", b"UT", b"OF", b"UC", b"UR")


def may_be_dicom_name(name: str) -> bool:
    """Whether a file may be DICOM by the end of its name: none, a number, ``.dcm``.

    Example:
        >>> [may_be_dicom_name(n) for n in ("IM0001", "1.2.840.10", "a.DCM", "a.txt")]
        [True, True, True, False]
    """
    end = PurePath(name).suffix.lower()
    return end in {"", ".dcm", ".ima"} or end[1:].isdecimal()


def is_dicom_file(path: Path, *, unreadable: bool = False) -> bool:
    """Whether a file holds DICOM, with or without a preamble.

    Args:
        path: Path of the file.
        unreadable: What to answer of a file that cannot be read.
    """
    try:
        with path.open("rb") as file:
            return looks_dicom(file.read(HEAD_BYTES))
    except FileNotFoundError:
        return False
    except OSError:
        return unreadable


def looks_dicom(head: bytes) -> bool:
    """Whether bytes are the start of a DICOM file.

    Some archives and old scanners leave out the preamble of 128 bytes and its ``DICM``.
    Their files start with the first element itself; a few elements in ascending order
    are then taken as proof.

    Args:
        head: The first `HEAD_BYTES` bytes, or all of a shorter file.
    """
    return has_preamble(head) or _starts_with_elements(head)


def has_preamble(head: bytes) -> bool:
    """Whether a file starts as the standard demands."""
    return head[_MAGIC_AT : _MAGIC_AT + len(_MAGIC)] == _MAGIC


def _starts_with_elements(head: bytes) -> bool:
    at, last = 0, (0, 0)
    for _ in range(_ELEMENTS):
        if len(head) < at + 12:
            return False
        tag = struct.unpack_from("<HH", head, at)
        start, length = _value_of(head, at)
        in_order = tag > last and tag[0] in _FIRST_GROUPS
        if not in_order or length > _LONGEST:
            return False
        at, last = start + length, tag
    return True


def _value_of(head: bytes, at: int) -> tuple[int, int]:
    """Return where an element's value starts, and its length in bytes."""
    kind = head[at + 4 : at + 6]
    if kind in _LONG_VR:
        return at + 12, struct.unpack_from("<I", head, at + 8)[0]
    if kind.isalpha() and kind.isupper():
        return at + 8, struct.unpack_from("<H", head, at + 6)[0]
    return at + 8, struct.unpack_from("<I", head, at + 4)[0]


def read_header(source: Path, tags: Sequence[str]) -> "Dataset | None":
    """Read some tags of a DICOM image.

    Args:
        source: Path of any file.
        tags: Keywords of the tags to read.

    Returns:
        The tags that it has, with the number of bytes before its pixels in
        ``header_bytes``; None if it is not DICOM, or holds no image (a DICOMDIR, a
        report or a presentation state).

    Raises:
        MissingPackageError: If pydicom is not installed.
        OSError: If the file cannot be read.
    """
    try:
        import pydicom  # noqa: F401 - whether it is there
    except ImportError as error:
        msg = "reading DICOM needs more: pip install 'crosswarp[dicom]'"
        raise MissingPackageError(msg) from error
    # Its warnings quote values of the header.
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    with source.open("rb") as file:
        try:
            return _read(file, [*tags, "Rows"])
        except Exception as error:  # pydicom raises anything on what is not DICOM
            if machine_status(error):
                raise
            return None


def _read(file: BinaryIO, tags: list[str]) -> "Dataset | None":
    head = file.read(HEAD_BYTES)
    if not looks_dicom(head):
        return None
    file.seek(0)
    with warnings.catch_warnings():
        # Values that break the standard; each is checked where it is used.
        warnings.simplefilter("ignore")
        header = read_dataset(
            file,
            stop_before_pixels=True,
            specific_tags=tags,
            force=not has_preamble(head),
        )
    header.header_bytes = file.tell()
    _without_unreadable(header)
    return header if "Rows" in header else None


def _without_unreadable(header: "Dataset") -> None:
    """Take out values that are not what the standard says, as if they were absent.

    pydicom looks at a value when it is asked for, and raises errors of its own kinds.
    """
    for tag in list(header.keys()):
        try:
            element = header[tag]
        except Exception as error:  # pydicom raises anything on such a value
            if machine_status(error):
                raise
            del header[tag]
        else:
            for item in element.value or () if element.VR == "SQ" else ():
                _without_unreadable(item)


def tag_text(header: "Dataset", tag: str) -> str:
    """Return a tag's value as text without spaces around; empty when it has none."""
    try:
        return str(header.get(tag, "") or "").strip()
    except UNREADABLE:
        return ""


def tag_number(header: "Dataset", tag: str) -> float | None:
    """Return a tag's value as a number; None when it is absent or no number."""
    try:
        return float(header.get(tag, None))
    except UNREADABLE:
        return None
