"""Raw scans, whatever they are stored as."""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from crosswarp.bids.archives import belongs, split_inside
from crosswarp.bids.dicom_files import is_dicom_file, may_be_dicom_name
from crosswarp.bids.flat import ARCHIVE, NIFTI
from crosswarp.bids.images import other_of_pair, why_unreadable
from crosswarp.bids.walk import files_below
from crosswarp.documents import UNREADABLE
from crosswarp.errors import ScanError
from crosswarp.execution.temporary import temporary_folder
from crosswarp.files import file_digest, fingerprint
from crosswarp.readers.dicom import read_dicom
from crosswarp.readers.dicom.archive import unpack
from crosswarp.readers.reading import NotedScan, read_noted


def read_source(
    path: Path, series: int | str | None = None, inside: Sequence[str] = ()
) -> NotedScan:
    """Read a raw scan.

    Args:
        path: A NIfTI file; the folder of a DICOM examination; a zip archive of either;
            or a member of such an archive, as a path that goes on in it.
        series: Number or SeriesInstanceUID of the DICOM series to take; chosen by
            rules when None.
        inside: What of a folder or archive it is, as `RawScan.inside`.

    Returns:
        The scan, and notes on what was chosen, or read otherwise than its header says.

    Raises:
        ScanError: If it cannot be used or read; says why.
    """
    if not inside:
        path, inside = split_inside(path)
    try:
        return _read(path, series, inside)
    except OSError as error:
        raise ScanError(why_unreadable(path, error)) from error


def _read(path: Path, series: int | str | None, inside: Sequence[str]) -> NotedScan:
    if path.is_dir():
        return read_dicom(_dicom_of(path, inside), series)
    if not path.name.lower().endswith(ARCHIVE):
        return read_noted(path)
    with _unpacked(path, inside) as files:
        niftis = [file for file in files if file.name.endswith(NIFTI)]
        if not niftis:
            return read_dicom(files, series)
        if len(niftis) > 1:
            msg = (
                f"{path.name}: holds {len(niftis)} NIfTI files, whose names do not say"
                " whose they are; unpack it and give the folder"
            )
            raise ScanError(msg)
        return _read_nifti(path, niftis[0])


def _read_nifti(archive: Path, file: Path) -> NotedScan:
    try:
        return read_noted(file)
    except ScanError as error:
        # The file's own name is one that `unpack` gave.
        msg = str(error).replace(file.name, archive.name)
        raise ScanError(msg) from error


@contextmanager
def _unpacked(archive: Path, inside: Sequence[str]) -> Iterator[list[Path]]:
    with temporary_folder("zip-") as folder:
        unpack(archive, folder, inside)
        yield sorted(folder.iterdir())


def source_digest(path: Path, inside: Sequence[str] = ()) -> str:
    """Digest what a raw scan is stored as.

    Args:
        path: As of `read_source`.
        inside: As of `read_source`.

    Raises:
        ScanError: If it is not there or cannot be read; says why.
    """
    if not inside:
        path, inside = split_inside(path)
    try:
        return _digest(path, inside)
    except OSError as error:
        raise ScanError(why_unreadable(path, error)) from error


def _digest(path: Path, inside: Sequence[str]) -> str:
    if path.is_dir():
        files = sorted(_dicom_of(path, inside))
        return fingerprint(
            [[file.relative_to(path).as_posix(), file_digest(file)] for file in files]
        )
    if inside:
        return _digest_of_members(path, inside)
    path.stat()  # or FileNotFoundError
    other = other_of_pair(path)
    if other is not None:
        return fingerprint(file_digest(other), file_digest(path))
    return file_digest(path)


def _dicom_of(folder: Path, inside: Sequence[str]) -> Iterator[Path]:
    """Give the DICOM files of an examination."""
    if not inside:
        below = files_below(folder)
        if below.errors:
            # A part of an examination is another one.
            raise below.errors[0]
        found: Iterator[Path] = iter(below.files)
    else:
        found = (
            path
            for name in inside
            for path in sorted((folder / name).iterdir())
            if path.is_file()
        )
    # One that cannot be read may be a slice, and is not passed over.
    return (
        path
        for path in found
        if is_dicom_file(path, unreadable=may_be_dicom_name(path.name))
    )


def _digest_of_members(archive: Path, inside: Sequence[str]) -> str:
    """Digest some members by their checksums, without unpacking them."""
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
    except UNREADABLE:
        # One that cannot be read either is told there.
        return file_digest(archive)
    return fingerprint(
        [[e.filename, e.CRC, e.file_size] for e in entries if belongs(e, inside)]
    )
