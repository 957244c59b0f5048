"""Scans outside a BIDS data set: who they are of, by the names of their files."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from crosswarp.bids.ids import ScanId
from crosswarp.bids.raw import FoundScans, RawScan
from crosswarp.errors import InputError

NIFTI: Final = (".nii", ".nii.gz")
ARCHIVE: Final = ".zip"

_MAGIC: Final = b"DICM"
_MAGIC_AT: Final = 128


def find_flat(
    folder: Path, participants: Sequence[str], series: int | None = None
) -> FoundScans:
    """Find the scans of a folder that is not a BIDS data set.

    NIfTI files and zip archives directly in it are a scan each; `scan_of` says who
    they are. Without any, DICOM files at any depth are one scan, named by the folder.

    Args:
        folder: Without ``sub-*`` folders.
        participants: Only these; all when empty.
        series: Number of the series to take of DICOM examinations.

    Raises:
        InputError: If it holds neither, or a participant asked for is not in it.
    """
    entries = sorted(path for path in folder.iterdir() if path.name[:1] != ".")
    scans = [path for path in entries if _is_scan(path)]
    if not scans and holds_dicom(folder):
        scans, entries = [folder], []
    if not scans:
        msg = (
            f"{folder} holds no scan: expected a BIDS data set with folders"
            " sub-<label>, or NIfTI files or zip archives, or DICOM files"
        )
        raise InputError(msg)
    by_id: dict[ScanId, list[Path]] = defaultdict(list)
    for path in scans:
        by_id[scan_of(path)].append(path)
    chosen = _chosen(by_id, participants)
    found = FoundScans([], [], [])
    for scan in sorted(chosen):
        paths = chosen[scan]
        if len(paths) == 1:
            found.scans.append(RawScan(scan, paths[0], series))
        else:
            names = " and ".join(path.name for path in paths)
            found.problems.append((scan, f"{names} give the same name; rename them"))
    found.left_out.extend(
        f"{path.name}: {'a folder' if path.is_dir() else 'no NIfTI file or zip'}"
        for path in entries
        if path not in scans
    )
    return found


def scan_of(path: Path) -> ScanId:
    """Tell who a scan outside a data set is of.

    A BIDS name says so. Of any other, the letters and digits are the participant's
    label, accents left out; neither a header nor what is inside is asked.

    Args:
        path: A file or folder.

    Example:
        >>> scan_of(Path("sub-01_ses-2_T1w.nii.gz")).label
        'sub-01_ses-2'
        >>> scan_of(Path("Zoé M-0815.zip")).label
        'sub-ZoeM0815'
    """
    try:
        return ScanId.parse(path.name)
    except InputError:
        plain = unicodedata.normalize("NFKD", _stem(path))
        label = "".join(c for c in plain if c.isascii() and c.isalnum())
        return ScanId(f"sub-{label or 'unnamed'}")


def holds_dicom(folder: Path) -> bool:
    """Whether a folder has a DICOM file, at any depth."""
    return any(_is_dicom(path) for path in folder.rglob("*") if path.is_file())


def is_dicom_source(path: Path) -> bool:
    """Whether a scan is to be read as DICOM: a folder, or a zip of one."""
    return path.is_dir() or path.name.lower().endswith(ARCHIVE)


def _is_scan(path: Path) -> bool:
    return path.is_file() and path.name.lower().endswith((*NIFTI, ARCHIVE))


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(_MAGIC_AT + len(_MAGIC))[_MAGIC_AT:] == _MAGIC


def _stem(path: Path) -> str:
    name = path.name
    for extension in (".gz", ".nii", ARCHIVE):
        if name.lower().endswith(extension):
            name = name[: -len(extension)]
    return name


def _chosen(
    by_id: dict[ScanId, list[Path]], participants: Sequence[str]
) -> dict[ScanId, list[Path]]:
    wanted = {f"sub-{name.removeprefix('sub-')}" for name in participants}
    missing = wanted - {scan.participant_id for scan in by_id}
    if missing:
        named = ", ".join(sorted(scan.participant_id for scan in by_id)[:5])
        msg = f"{', '.join(sorted(missing))} not among the scans, which are of {named}"
        raise InputError(msg)
    return {
        scan: paths
        for scan, paths in by_id.items()
        if not wanted or scan.participant_id in wanted
    }
