"""Unpack a zip archive that nobody has looked into."""

import errno
import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from crosswarp.bids.archives import belongs
from crosswarp.bids.flat import NIFTI
from crosswarp.documents import UNREADABLE
from crosswarp.errors import ScanError

MOST_FILES: Final = 20_000
"""Entries of an archive; an examination of the head has a few thousand images."""

MOST_BYTES: Final = 4 << 30
"""Of all entries together, unpacked."""

_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Ways that need little memory, however large what is packed."""

_CHUNK: Final = 1 << 20


def unpack(archive: Path, folder: Path, inside: Sequence[str] = ()) -> None:
    """Unpack the files of an archive under new names.

    All that the archive says of itself is checked before anything is written, and the
    sizes again while it is. Entries become ``000000``, ``000001``, …: their own names
    would let an archive write anywhere, and may hold a person's name. NIfTI files keep
    the end of theirs.

    Args:
        archive: A zip file.
        folder: Empty; gets the files.
        inside: Members to unpack, or folders of them; all when empty.

    Raises:
        ScanError: If it is damaged, encrypted, too large, or holds links or names
            that lead out of it.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [e for e in opened.infolist() if belongs(e, inside)]
            _check(archive, entries)
            for number, entry in enumerate(entries):
                _unpack_one(opened, entry, folder / f"{number:06d}{_ending(entry)}")
    except ScanError:
        raise
    except UNREADABLE as error:
        # A place that no file has; what else the system refuses is not the archive's.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        msg = f"{archive.name}: damaged or not a zip archive; copy it again"
        raise ScanError(msg) from error


def _ending(entry: zipfile.ZipInfo) -> str:
    name = entry.filename.lower()
    return next((e for e in reversed(NIFTI) if name.endswith(e)), "")


def _check(archive: Path, entries: list[zipfile.ZipInfo]) -> None:
    name = archive.name
    if not entries:
        msg = f"{name}: the archive is empty"
        raise ScanError(msg)
    if len(entries) > MOST_FILES:
        msg = f"{name}: {len(entries)} files; at most {MOST_FILES} are unpacked"
        raise ScanError(msg)
    size = sum(entry.file_size for entry in entries)
    if size > MOST_BYTES:
        msg = f"{name}: {size} bytes unpacked; at most {MOST_BYTES} are"
        raise ScanError(msg)
    if any(_leads_out(entry.filename) for entry in entries):
        msg = f"{name}: holds names that lead out of the archive; not unpacked"
        raise ScanError(msg)
    if any(stat.S_ISLNK(entry.external_attr >> 16) for entry in entries):
        msg = f"{name}: holds links; pack the files themselves"
        raise ScanError(msg)
    if any(entry.compress_type not in _PACKED for entry in entries):
        msg = f"{name}: packed in an unusual way; pack it anew with zip"
        raise ScanError(msg)
    if any(entry.flag_bits & 1 for entry in entries):
        msg = f"{name}: encrypted; unpack it and give the folder"
        raise ScanError(msg)


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or name[1:2] == ":"


def _unpack_one(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    with opened.open(entry) as source, target.open("xb") as file:
        # Never more than was promised; zipfile checks the CRC at the end.
        while chunk := source.read(_CHUNK):
            file.write(chunk)
