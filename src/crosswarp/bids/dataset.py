"""Find the raw T1w scans: in a BIDS data set, a folder, or one file."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from crosswarp.bids.flat import ARCHIVE, NIFTI, find_flat, scan_of
from crosswarp.bids.ids import ScanId
from crosswarp.bids.raw import FoundScans, RawScan
from crosswarp.errors import InputError

__all__ = ["FoundScans", "RawScan", "find_scans"]


def find_scans(
    path: Path,
    participants: Sequence[str] | None = None,
    prefer: Sequence[str] = (),
    series: int | None = None,
) -> FoundScans:
    """Find the raw T1w scans.

    Args:
        path: Root of a BIDS data set, with ``sub-*/[ses-*/]anat/*_T1w.nii[.gz]``; or
            a folder of NIfTI files or zip archives; or the folder of a DICOM
            examination; or one such file or archive.
        participants: Only these, with or without ``sub-``; all when None or empty.
        prefer: Entities (``acq-mprage``, ``run-2``) that choose among several T1w
            images of a session, one after the other. None of several is chosen
            without.
        series: Number of the series to take of DICOM examinations.

    Raises:
        InputError: If there is no such file or data set, or a participant asked for
            is not in it.
    """
    if path.is_file():
        if not path.name.lower().endswith((*NIFTI, ARCHIVE)):
            msg = (
                "expected a .nii, .nii.gz or .zip file, or a folder with scans, got"
                f" {path}"
            )
            raise InputError(msg)
        return FoundScans([RawScan(scan_of(path), path, series)], [], [])
    if not path.exists():
        msg = f"no file or folder at {path}"
        raise InputError(msg)
    folders = sorted(folder for folder in path.glob("sub-*") if folder.is_dir())
    if not folders:
        return find_flat(path, participants or [], series)
    found = FoundScans([], [], [], path)
    for folder in _chosen(folders, participants or []):
        _look_into(folder, found, prefer)
    return found


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


def _look_into(participant: Path, found: FoundScans, prefer: Sequence[str]) -> None:
    """Add one participant's scans to what was found."""
    before = len(found.scans) + len(found.problems) + len(found.left_out)
    for session in _sessions(participant):
        ids = (participant.name, None if session == participant else session.name)
        images = _preferred(_images(session), prefer)
        if not images and session == participant:
            continue
        try:
            scan = ScanId(*ids)
        except InputError as error:
            found.left_out.append(f"{'/'.join(filter(None, ids))}: {error}")
            continue
        if not images:
            found.left_out.append(f"{scan.label}: no T1w image in anat")
        elif reason := _fault(images, scan):
            found.problems.append((scan, reason))
        else:
            found.scans.append(RawScan(scan, images[0]))
    if len(found.scans) + len(found.problems) + len(found.left_out) == before:
        found.left_out.append(f"{participant.name}: no T1w image in anat")


def _sessions(participant: Path) -> Iterator[Path]:
    """Give the folders that may hold ``anat``, the participant's own first."""
    yield participant
    yield from sorted(entry for entry in participant.glob("ses-*") if entry.is_dir())


def _images(session: Path) -> list[Path]:
    return sorted(
        path
        for extension in NIFTI
        for path in (session / "anat").glob(f"sub-*_T1w{extension}")
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
    if len(images) > 1:
        names = " and ".join(image.name for image in images)
        return (
            f"more than one T1w image: {names}; keep the one to use, or name it with"
            " --prefer acq-<label> or --prefer run-<index>"
        )
    image = images[0]
    if not image.is_file():
        return f"{image.name} is a link to a file that is not there; fetch it first"
    if ScanId.parse(image.name) != scan:
        return f"{image.name} lies in the folder of {scan.label}; rename one of them"
    return ""
