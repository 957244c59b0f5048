"""What is sent: streamed to the disk, counted, and looked at before it is read."""

import shutil
import stat
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Literal

from anyio.to_thread import run_sync

from crosswarp.documents import UNREADABLE
from crosswarp.errors import CrosswarpError
from crosswarp.files import written_whole
from crosswarp.viewer.settings import MB, Limits

NIFTI: Final = (".nii.gz", ".nii")
ENDINGS: Final = (*NIFTI, ".zip")
"""Of files that are taken, the longest first."""

_ORDERS: Final[tuple[Literal["little", "big"], ...]] = ("little", "big")
_BUFFER: Final = 1 << 20
_HEADER: Final = 348
_MAGIC: Final = {348: (344, (b"n+1\0", b"ni1\0")), 540: (4, (b"n+2\0", b"ni2\0"))}
"""Place and words of NIFTI's magic, by the size of the header."""


class UploadError(CrosswarpError):
    """What was sent is not taken.

    Args:
        message: Why, and what to do.
        status: Of the HTTP answer.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def ending_of(name: str) -> str:
    """Tell by its name what a file is.

    Raises:
        UploadError: If it is not among what is taken.
    """
    lower = name.lower()
    found = next((ending for ending in ENDINGS if lower.endswith(ending)), None)
    if found is None:
        msg = (
            "expected a NIfTI file (.nii or .nii.gz) or a zip archive of DICOM files;"
            " the name of this one ends otherwise"
        )
        raise UploadError(msg, 415)
    return found


def check_length(length: int | None, used: int, limits: Limits, folder: Path) -> None:
    """Refuse at once what says that it is too large, or would fill the disk.

    Args:
        length: Bytes that are announced; None when nothing is.
        used: Bytes that the same job has sent before.
        limits: Bounds on what is sent.
        folder: On the disk that is written to.

    Raises:
        UploadError: Saying the limit, or that the disk is full.
    """
    if used + (length or 0) > limits.upload_bytes:
        raise UploadError(_too_large(limits), 413)
    if shutil.disk_usage(folder).free - (length or 0) < limits.spare_bytes:
        raise UploadError(FULL, 507)


FULL: Final = (
    "the server's disk has too little space left; ask whoever runs it to free some, or"
    " delete finished scans, and send the scan again"
)


async def receive(
    chunks: AsyncIterator[bytes], path: Path, used: int, limits: Limits
) -> int:
    """Write what is sent to a file, whole or not at all.

    Memory holds about one megabyte of it, however large it is.

    Args:
        chunks: Body of the request.
        path: Name of the file.
        used: Bytes that the same job has sent before.
        limits: Bounds on what is sent.

    Returns:
        Bytes that were written.

    Raises:
        UploadError: If more is sent than is taken.
        StorageError: If the disk is full.
    """
    size, pending = 0, bytearray()
    with ExitStack() as stack:
        temporary = await run_sync(stack.enter_context, written_whole(path))
        file = stack.enter_context(temporary.open("wb"))
        async for chunk in chunks:
            size += len(chunk)
            if used + size > limits.upload_bytes:
                raise UploadError(_too_large(limits), 413)
            pending += chunk
            if len(pending) >= _BUFFER:
                await run_sync(file.write, bytes(pending))
                pending.clear()
        await run_sync(file.write, bytes(pending))
        # The disk is waited for where nobody else has to wait.
        await run_sync(stack.pop_all().close)
    return size


def look_at(path: Path, limits: Limits) -> None:
    """Refuse a file that is not what its name says, or becomes too large.

    Raises:
        UploadError: Saying what is wrong with it.
    """
    if path.stat().st_size == 0:
        msg = "the file is empty; send it again"
        raise UploadError(msg, 422)
    with path.open("rb") as file:
        start = file.read(_HEADER)
    if path.name.endswith(".zip"):
        _look_at_archive(path, limits)
    elif path.name.endswith(".gz"):
        if start[:2] != b"\x1f\x8b":
            raise UploadError(_no_image(start), 415)
        _look_at_gzip(path, limits)
    elif not _is_nifti(start):
        raise UploadError(_no_image(start), 415)


def pack(files: Iterable[Path], path: Path) -> None:
    """Put the files of a folder into an archive, under numbers for names."""
    with written_whole(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for number, file in enumerate(files):
            archive.write(file, f"{number:06d}.dcm")


def _look_at_gzip(path: Path, limits: Limits) -> None:
    opened, size, start = zlib.decompressobj(31), 0, b""
    try:
        with path.open("rb") as file:
            while chunk := opened.unconsumed_tail or file.read(_BUFFER):
                out = opened.decompress(chunk, _BUFFER)
                start = start or out[:_HEADER]
                size += len(out)
                if start and not _is_nifti(start):
                    raise UploadError(_no_image(start), 415)
                if size > limits.expanded_bytes:
                    raise UploadError(_too_much(limits), 422)
                if opened.eof:
                    break
    except zlib.error as error:
        msg = "the file is damaged: its gzip data do not unpack; copy it again"
        raise UploadError(msg, 422) from error
    if not opened.eof:
        msg = "the file is not complete: its gzip data end too early; copy it again"
        raise UploadError(msg, 422)


def _look_at_archive(path: Path, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except UNREADABLE as error:
        msg = "the file is damaged, or no zip archive; pack it anew"
        raise UploadError(msg, 415) from error
    if not entries or len(entries) > limits.files:
        msg = f"the archive has {len(entries)} files; 1 to {limits.files} are taken"
        raise UploadError(msg, 422)
    if sum(entry.file_size for entry in entries) > limits.expanded_bytes:
        raise UploadError(_too_much(limits), 422)
    if any(entry.flag_bits & 1 for entry in entries):
        msg = "the archive is encrypted; unpack it and send the folder"
        raise UploadError(msg, 422)
    if any(_leads_out(entry) for entry in entries):
        msg = "the archive holds links, or names that lead out of it; pack it anew"
        raise UploadError(msg, 422)


def _leads_out(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename.replace("\\", "/")
    link = stat.S_ISLNK(entry.external_attr >> 16)
    return link or name.startswith("/") or ".." in name.split("/") or name[1:2] == ":"


def _is_nifti(start: bytes) -> bool:
    little, big = (int.from_bytes(start[:4], o) for o in _ORDERS)
    for size in (little, big):
        place, words = _MAGIC.get(size, (0, ()))
        if start[place : place + 4] in words:
            return True
    return False


def _no_image(start: bytes) -> str:
    text = start.lstrip()[:64].lower()
    if text.startswith((b"<!doctype", b"<html")):
        found = "it looks like a web page"
    elif text.startswith(b"#!"):
        found = "it looks like a script"
    else:
        found = "its first bytes are others"
    return f"this is no NIfTI file, whatever its name says: {found}"


def _too_large(limits: Limits) -> str:
    most = limits.upload_bytes / MB
    return (
        f"the upload is larger than the {most:g} MB that this server takes; a T1w scan"
        " has some 20 MB: send the scan alone, compressed"
    )


def _too_much(limits: Limits) -> str:
    most = limits.expanded_bytes / MB
    return f"unpacked, the upload has more than {most:g} MB; it was not read further"
