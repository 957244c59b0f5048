"""Find the raw T1w scans: in a BIDS data set, a folder, or one file."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from crosswarp.bids.flat import ARCHIVE
from crosswarp.bids.ids import ScanId
from crosswarp.bids.ignore import NAME, Ignored, read_ignored
from crosswarp.bids.images import is_image, why_absent
from crosswarp.bids.left_out import add_outside, add_unused
from crosswarp.bids.listed import TABLE, find_listed
from crosswarp.bids.names import name_fault
from crosswarp.bids.raw import FoundScans, RawScan
from crosswarp.bids.series import SeriesChoice
from crosswarp.bids.tree import choose_series, find_file, find_in_tree
from crosswarp.errors import InputError

__all__ = ["FoundScans", "RawScan", "find_scans"]


def find_scans(
    path: Path,
    participants: Sequence[str] | None = None,
    prefer: Sequence[str] = (),
    series: SeriesChoice | None = None,
    excluding: Sequence[Path] = (),
) -> FoundScans:
    """Find the raw T1w scans.

    Args:
        path: Root of a BIDS data set, with ``sub-*/[ses-*/]anat/*_T1w.nii[.gz]``; or
            a folder with NIfTI files, zip archives or DICOM examinations at any depth;
            or one such file or archive; or a table of a cohort with their paths.
        participants: Only these, with or without ``sub-``; all when None or empty.
        prefer: Entities (``acq-mprage``, ``run-2``) that choose among several T1w
            images of a session, one after the other. None of several is chosen
            without.
        series: The series to take of DICOM examinations.
        excluding: Folders not to look into, such as the one of the outputs.

    Raises:
        InputError: If there is no such file or data set, or a participant asked for
            is not in it.
    """
    try:
        return _find(path, participants or [], prefer, series, excluding)
    except OSError as error:
        msg = f"{error.filename or path} cannot be read: {error.strerror}"
        raise InputError(msg) from error


def _find(
    path: Path,
    participants: Sequence[str],
    prefer: Sequence[str],
    series: SeriesChoice | None,
    excluding: Sequence[Path],
) -> FoundScans:
    if path.is_file():
        return _find_in_file(path, participants, series)
    if not path.exists():
        linked = path.is_symlink()
        msg = why_absent(path) if linked else f"no file or folder at {path}"
        raise InputError(msg)
    folders = _folders(path, "sub-")
    if not folders:
        found = find_in_tree(path, participants, series, excluding)
        return replace(found, place=path)
    found, ignored = FoundScans([], [], [], path, path), read_ignored(path)
    looked_into = []
    for folder in _chosen(folders, participants):
        if ignored.holds(folder):
            found.left_out.append(f"{folder.name}: named in {NAME}")
        else:
            _look_into(folder, found, prefer, ignored)
            looked_into.append(folder)
    add_unused(found, looked_into, ignored, excluding)
    if not participants:
        add_outside(found, ignored, excluding)
    found.scans[:] = choose_series(found.scans, series or SeriesChoice())
    return found


def _find_in_file(
    path: Path, participants: Sequence[str], series: SeriesChoice | None
) -> FoundScans:
    if path.name.endswith(TABLE):
        return find_listed(path, participants, series)
    if not is_image(path) and not path.name.lower().endswith(ARCHIVE):
        msg = (
            "expected a .nii, .nii.gz or .zip file, or the .img of a pair, or a"
            f" folder with scans, or a table of scans (.tsv), got {path}"
        )
        raise InputError(msg)
    return replace(find_file(path, series), place=path)


def _folders(parent: Path, start: str) -> list[Path]:
    """List folders by the start of their names; unlike glob, not to be refused mutely.

    Raises:
        OSError: If the folder cannot be read.
    """
    return sorted(
        entry
        for entry in parent.iterdir()
        if entry.name.startswith(start) and entry.is_dir()
    )


def _chosen(folders: Sequence[Path], participants: Sequence[str]) -> list[Path]:
    wanted = {f"sub-{name.removeprefix('sub-')}" for name in participants}
    missing = wanted - {folder.name for folder in folders}
    if missing:
        msg = (
            f"{', '.join(sorted(missing))} not in {folders[0].parent},"
            f" which has {len(folders)} participants, {folders[0].name} to"
            f" {folders[-1].name}"
        )
        raise InputError(msg)
    return [folder for folder in folders if not wanted or folder.name in wanted]


def _look_into(
    participant: Path, found: FoundScans, prefer: Sequence[str], ignored: Ignored
) -> None:
    """Add one participant's scans to what was found."""
    before = len(found.scans) + len(found.problems) + len(found.left_out)
    try:
        sessions = list(_sessions(participant))
    except OSError as error:
        _add_unreadable((participant.name, None), participant.name, error, found)
        return
    for session in sessions:
        name = None if session == participant else session.name
        ids = (participant.name, name)
        try:
            there = _images(session)
        except OSError as error:
            _add_unreadable(ids, f"{session.name}/anat", error, found)
            continue
        images = [image for image in there if not ignored.holds(image)]
        if images or name is not None:
            chosen = _preferred(images, prefer)
            try:
                _add(ids, chosen, len(images) < len(there), found)
            except OSError as error:
                _add_unreadable(ids, f"{session.name}/anat", error, found)
        elif there:
            found.left_out.append(f"{participant.name}: named in {NAME}")
    if len(found.scans) + len(found.problems) + len(found.left_out) == before:
        found.left_out.append(f"{participant.name}: no T1w image in anat")


def _add(
    ids: tuple[str, str | None],
    images: Sequence[Path],
    some_ignored: bool,
    found: FoundScans,
) -> None:
    """Add one session to what was found."""
    try:
        scan = ScanId(*ids)
    except InputError as error:
        found.left_out.append(f"{'/'.join(filter(None, ids))}: {error}")
        return
    if not images:
        why = f"named in {NAME}" if some_ignored else "no T1w image in anat"
        found.left_out.append(f"{scan.label}: {why}")
    elif reason := _fault(images, scan):
        found.problems.append((scan, reason))
        if len(images) == 1 and not images[0].is_file():
            found.out_of_reach.append(scan)
    else:
        found.scans.append(RawScan(scan, images[0]))


def _add_unreadable(
    ids: tuple[str, str | None], folder: str, error: OSError, found: FoundScans
) -> None:
    """Add a session with a folder that the system does not let us read."""
    reason = f"the folder {folder} cannot be read: {error.strerror}"
    try:
        scan = ScanId(*ids)
        found.problems.append((scan, reason))
        found.out_of_reach.append(scan)
    except InputError as fault:
        found.left_out.append(f"{'/'.join(filter(None, ids))}: {fault}; {reason}")


def _sessions(participant: Path) -> Iterator[Path]:
    """Give the folders that may hold ``anat``, the participant's own first."""
    yield participant
    yield from _folders(participant, "ses-")


def _images(session: Path) -> list[Path]:
    try:
        return sorted(path for path in (session / "anat").iterdir() if _is_t1w(path))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_t1w(path: Path) -> bool:
    return (
        path.name.startswith("sub-")
        and is_image(path)
        and path.name.partition(".")[0].endswith("_T1w")
    )


def _preferred(images: list[Path], prefer: Sequence[str]) -> list[Path]:
    """Keep, entity by entity, the images that have it, as long as there are any."""
    for entity in prefer:
        if len(images) > 1:
            kept = [image for image in images if entity in _entities(image)]
            images = kept or images
    return images


def _entities(image: Path) -> list[str]:
    return image.name.split("_")[:-1]


def _fault(images: Sequence[Path], scan: ScanId) -> str:
    """Say why a session's T1w image cannot be told; empty when it can."""
    if fault := name_fault(scan):
        return fault
    if len(images) > 1:
        names = " and ".join(image.name for image in images)
        return (
            f"more than one T1w image: {names}; keep the one to use, or name it with"
            " `prefer='acq-<label>'` or `prefer='run-<index>'`"
        )
    image = images[0]
    if not image.is_file():
        return why_absent(image)
    if ScanId.parse(image.name) != scan:
        return f"{image.name} lies in the folder of {scan.label}; rename one of them"
    return ""
