"""What zip archives hold, by the names of their members; nothing is unpacked."""

import zipfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from crosswarp.bids.dicom_files import HEAD_BYTES, looks_dicom
from crosswarp.bids.flat import ARCHIVE, NIFTI
from crosswarp.bids.naming import Item, is_other_image, named_in
from crosswarp.bids.walk import is_hidden
from crosswarp.documents import UNREADABLE
from crosswarp.errors import InputError


def belongs(entry: zipfile.ZipInfo, inside: Sequence[str] = ()) -> bool:
    """Whether a member of an archive is a file that belongs to a scan.

    Args:
        entry: Member of the archive.
        inside: Members of the scan, or folders that have its files directly in them;
            all of the archive when empty.
    """
    if entry.is_dir():
        return False
    if not inside:
        return True
    return entry.filename in inside or entry.filename.rpartition("/")[0] in inside


def split_inside(path: Path) -> tuple[Path, tuple[str, ...]]:
    """Split a path that goes on in a zip archive: ``a.zip/7/T1.nii``.

    Args:
        path: Of a file or folder, or of a member of an archive.

    Returns:
        The path on the disk, and the name of the member, as ``inside`` of `belongs`; no
        name for a path that leads to no archive, or to all of it.
    """
    for parent in path.parents:
        if parent.name.lower().endswith(ARCHIVE) and parent.is_file():
            return parent, (path.relative_to(parent).as_posix(),)
    return path, ()


def items_in(archive: Path) -> tuple[list[Item], list[str]]:
    """List the scans of an archive.

    NIfTI files whose names or folders say whose they are (``sub-<label>``, ADNI) are a
    scan each, and so are folders of DICOM files with such a name. Anything else is one
    scan, of whom the archive's name says.

    Args:
        archive: A zip file; one that cannot be opened is one scan, refused later.

    Returns:
        The scans, and sentences on members that were not used.
    """
    whole = Item((archive.name,), archive)
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [e for e in opened.infolist() if _is_data(e)]
            niftis = [e.filename for e in members if _is_nifti(e.filename)]
            others = [e for e in members if not _is_nifti(e.filename)]
            dicom = [e for e in others if _is_dicom(opened, e)]
    except UNREADABLE:
        return [whole], []
    if niftis:
        items, left_out = _of_niftis(archive, niftis)
        if dicom:
            left_out.append(
                f"{archive.name}: {len(dicom)} DICOM files beside NIfTI files; not read"
            )
        return items, left_out
    return _of_dicom(archive, [e.filename for e in dicom]) or [whole], []


def _of_niftis(archive: Path, names: list[str]) -> tuple[list[Item], list[str]]:
    t1w = [name for name in names if not is_other_image(PurePosixPath(name).name)]
    left_out = [
        f"{archive.name}/{name}: not T1w by its name"
        for name in names
        if name not in t1w
    ]
    if t1w and all(_who(PurePosixPath(name).parts) for name in t1w):
        items = [Item(PurePosixPath(n).parts, archive, (n,)) for n in t1w]
    else:
        items = [Item((archive.name,), archive, tuple(t1w))]
    return items, left_out


def _of_dicom(archive: Path, names: list[str]) -> list[Item]:
    """Split an archive by folders that say whose they are; nothing if one does not."""
    folders = sorted({name.rpartition("/")[0] for name in names})
    by_scan: dict[str, list[str]] = defaultdict(list)
    for folder in folders:
        by_scan[_who(PurePosixPath(folder).parts)].append(folder)
    if "" in by_scan:
        return []
    return [
        Item(PurePosixPath(some[0]).parts, archive, tuple(some), dicom=True)
        for some in by_scan.values()
    ]


def _who(parts: tuple[str, ...]) -> str:
    """Return a scan's label, empty when no name says it; two names are told later."""
    try:
        scan = named_in(parts)
    except InputError:
        return "/".join(parts)
    return scan.label if scan else ""


def _is_data(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename).parts
    return not entry.is_dir() and not any(is_hidden(part) for part in parts)


def _is_nifti(name: str) -> bool:
    return name.lower().endswith(NIFTI)


def _is_dicom(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    if entry.flag_bits & 1:
        # Encrypted: cannot be looked into, and is refused when it is read.
        return False
    try:
        with opened.open(entry) as file:
            return looks_dicom(file.read(HEAD_BYTES))
    except UNREADABLE:
        return False
