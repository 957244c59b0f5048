"""Scans in a folder that is not a BIDS data set: of every kind, at any depth."""

import gzip
import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path

from crosswarp.bids.archives import items_in
from crosswarp.bids.dicom_files import is_dicom_file, may_be_dicom_name
from crosswarp.bids.flat import ARCHIVE, NIFTI, scan_of
from crosswarp.bids.ids import ScanId
from crosswarp.bids.images import is_header_of_pair, is_image
from crosswarp.bids.names import name_fault
from crosswarp.bids.naming import Item, is_other_image, name_items
from crosswarp.bids.raw import FoundScans, RawScan
from crosswarp.bids.series import SeriesChoice
from crosswarp.bids.visits import examinations
from crosswarp.bids.walk import files_below
from crosswarp.errors import InputError


def find_in_tree(
    folder: Path,
    participants: Sequence[str] = (),
    series: SeriesChoice | None = None,
    excluding: Sequence[Path] = (),
) -> FoundScans:
    """Find the scans of a folder that is not a BIDS data set.

    NIfTI files, zip archives of NIfTI or DICOM, and examinations in DICOM are found at
    any depth; links are followed. Derivative data sets are passed over. What is not
    used is in ``left_out``, file by file.

    Args:
        folder: Without ``sub-*`` folders.
        participants: Only these; all when empty.
        series: The series to take of DICOM examinations.
        excluding: Folders not to look into.

    Raises:
        InputError: If it holds no scan, or a participant asked for is not in it.
    """
    below = files_below(folder, excluding)
    items, left_out = _items(folder, below.files)
    if not items:
        msg = (
            f"{folder} holds no scan: expected a BIDS data set with folders"
            " sub-<label>, or NIfTI files or zip archives, or DICOM files"
        )
        if below.left_out:
            msg += f"; not looked into: {'; '.join(below.left_out[:3])}"
        raise InputError(msg)
    found = FoundScans([], [], [*below.left_out, *left_out])
    _sort(found, items, folder, participants)
    found.scans[:] = choose_series(found.scans, series or SeriesChoice())
    return found


def find_file(path: Path, series: SeriesChoice | None = None) -> FoundScans:
    """Find the scans of one file: a NIfTI image, or what a zip archive holds.

    Args:
        path: Path of the file.
        series: The series to take of DICOM examinations.

    Raises:
        InputError: If it cannot be told whose the scans are.
    """
    found = FoundScans([], [], [])
    items = [Item((path.name,), path)]
    if may_be_dicom(path):
        items, unused = items_in(path)
        found.left_out.extend(unused)
    _sort(found, items, path.parent, [])
    if not found.scans:
        reasons = "; ".join(reason for _, reason in found.problems)
        msg = f"{path.name}: {reasons}"
        raise InputError(msg)
    found.scans[:] = choose_series(found.scans, series or SeriesChoice())
    return found


def _sort(
    found: FoundScans, items: Sequence[Item], folder: Path, participants: Sequence[str]
) -> None:
    """Note whose each scan is."""
    by_id, faults = name_items(items, folder)
    for item, reason in faults:
        place = _shown(item, folder).replace("/", "_")
        found.problems.append((scan_of(Path(place)), reason))
    chosen = _chosen(by_id, participants)
    for scan in sorted(chosen):
        _add(found, scan, chosen[scan], folder)


def _items(folder: Path, files: Sequence[Path]) -> tuple[list[Item], list[str]]:
    """Sort files into scans and what is none."""
    items: list[Item] = []
    left_out: list[str] = []
    dicom: list[Path] = []
    for path in files:
        name = path.relative_to(folder).as_posix()
        if is_header_of_pair(path):
            continue
        if path.name.lower().endswith(ARCHIVE):
            packed, unused = items_in(path)
            items += [_placed(item, path.relative_to(folder)) for item in packed]
            left_out += unused
        elif is_image(path):
            if is_other_image(path.name):
                left_out.append(f"{name}: not T1w by its name")
            else:
                items.append(Item(path.relative_to(folder).parts, path))
        elif is_dicom_file(path, unreadable=may_be_dicom_name(path.name)):
            dicom.append(path)
        else:
            left_out.append(f"{name}: {_why_none(path)}")
    examined, without = examinations(folder, dicom, alone=not items)
    return [*items, *examined], [*left_out, *without]


def _placed(item: Item, archive: Path) -> Item:
    """Give a member of an archive the place of the archive, too."""
    if item.parts == (archive.name,):
        return Item(archive.parts, item.path, item.inside, item.dicom)
    parts = (*archive.parts[:-1], *item.parts)
    return Item(parts, item.path, item.inside, item.dicom)


def _why_none(path: Path) -> str:
    try:
        with path.open("rb"):
            return "no NIfTI, zip or DICOM file"
    except FileNotFoundError:
        return "a link to a file that is not there"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _add(found: FoundScans, scan: ScanId, items: Sequence[Item], folder: Path) -> None:
    """Note a scan, or why it cannot be told which file it is."""
    if fault := name_fault(scan):
        found.problems.append((scan, fault))
        return
    first, *others = items
    same = [o for o in others if _same_image(first.path, o.path)]
    if len(same) == len(others):
        found.scans.append(RawScan(scan, first.path, inside=first.inside))
        found.left_out.extend(
            f"{_shown(o, folder)}: the same image as {_shown(first, folder)}"
            for o in same
        )
        return
    names = " and ".join(sorted(_shown(item, folder) for item in items))
    found.problems.append((scan, f"{names} give the same name; rename them"))


def _shown(item: Item, folder: Path) -> str:
    """Name a scan's file or folder as the user knows it."""
    name = item.path.relative_to(folder).as_posix()
    return folder.name if name == "." else name


def _same_image(one: Path, other: Path) -> bool:
    """Whether two NIfTI files hold the same bytes, compressed or not."""
    both = (one, other)
    if not all(_has_bytes(p) and p.name.lower().endswith(NIFTI) for p in both):
        return False
    try:
        return _digest(one) == _digest(other)
    except (OSError, EOFError, zlib.error):
        return False


def _has_bytes(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _digest(path: Path) -> str:
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    with opened(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def choose_series(scans: Sequence[RawScan], series: SeriesChoice) -> list[RawScan]:
    """Note which DICOM series is to be taken of each scan.

    Raises:
        InputError: If one is chosen for a scan that is not there.
    """
    dicom = [raw for raw in scans if may_be_dicom(raw.path)]
    series.check([raw.scan for raw in dicom])
    return [
        RawScan(raw.scan, raw.path, series.of(raw.scan), raw.inside)
        if raw in dicom
        else raw
        for raw in scans
    ]


def may_be_dicom(path: Path) -> bool:
    """Whether a scan may be DICOM: a folder, or a zip archive."""
    try:
        return path.is_dir() or path.name.lower().endswith(ARCHIVE)
    except OSError:
        # Whoever reads it says that it cannot be read.
        return False


def _chosen(
    by_id: dict[ScanId, list[Item]], participants: Sequence[str]
) -> dict[ScanId, list[Item]]:
    wanted = {f"sub-{name.removeprefix('sub-')}" for name in participants}
    missing = wanted - {scan.participant_id for scan in by_id}
    if missing:
        named = ", ".join(sorted({scan.participant_id for scan in by_id})[:5])
        msg = f"{', '.join(sorted(missing))} not among the scans, which are of {named}"
        raise InputError(msg)
    return {
        scan: items
        for scan, items in by_id.items()
        if not wanted or scan.participant_id in wanted
    }
