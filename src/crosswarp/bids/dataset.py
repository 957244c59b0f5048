"""Find the raw T1w scans: in a BIDS data set, or one file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crosswarp.bids.ids import ScanId
from crosswarp.errors import InputError

NIFTI: Final = (".nii", ".nii.gz")


@dataclass(frozen=True, order=True)
class RawScan:
    """One raw T1w image.

    Attributes:
        scan: Whose it is.
        path: Its file.
    """

    scan: ScanId
    path: Path


@dataclass(frozen=True)
class FoundScans:
    """What a data set holds; nothing is passed over in silence.

    Attributes:
        scans: One a session, sorted.
        problems: Sessions whose T1w image cannot be told, and why.
        left_out: Sentences on folders without a T1w image, or that BIDS does not know.
    """

    scans: list[RawScan]
    problems: list[tuple[ScanId, str]]
    left_out: list[str]


def find_scans(path: Path, participants: Sequence[str] | None = None) -> FoundScans:
    """Find the raw T1w scans.

    Args:
        path: Root of a BIDS data set, with ``sub-*/[ses-*/]anat/*_T1w.nii[.gz]``; or
            one NIfTI file, whose BIDS name, else its letters and digits, say who.
        participants: Only these, with or without ``sub-``; all when None or empty.

    Raises:
        InputError: If there is no such file or data set, or a participant asked for
            is not in it.
    """
    if path.is_file():
        return FoundScans([RawScan(_who(path), path)], [], [])
    if not path.exists():
        msg = f"no file or folder at {path}"
        raise InputError(msg)
    folders = sorted(folder for folder in path.glob("sub-*") if folder.is_dir())
    if not folders:
        msg = (
            f"{path} is not a BIDS data set: it has no folder sub-<label>;"
            " give its root, or one .nii or .nii.gz file"
        )
        raise InputError(msg)
    found = FoundScans([], [], [])
    for folder in _chosen(folders, participants or []):
        _look_into(folder, found)
    return found


def _who(path: Path) -> ScanId:
    if not path.name.endswith(NIFTI):
        msg = f"expected a .nii or .nii.gz file or a BIDS folder, got {path}"
        raise InputError(msg)
    try:
        return ScanId.parse(path.name)
    except InputError:
        stem = path.name.removesuffix(".gz").removesuffix(".nii")
        label = "".join(c for c in stem if c.isascii() and c.isalnum())
        return ScanId(f"sub-{label or 'unnamed'}")


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


def _look_into(participant: Path, found: FoundScans) -> None:
    """Add one participant's scans to what was found."""
    before = len(found.scans) + len(found.problems) + len(found.left_out)
    for session in _sessions(participant):
        ids = (participant.name, None if session == participant else session.name)
        images = _images(session)
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


def _fault(images: Sequence[Path], scan: ScanId) -> str:
    """Say why a session's T1w image cannot be told; empty when it can."""
    if len(images) > 1:
        names = " and ".join(image.name for image in images)
        return f"more than one T1w image: {names}; keep the one to use"
    image = images[0]
    if not image.is_file():
        return f"{image.name} is a link to a file that is not there; fetch it first"
    if ScanId.parse(image.name) != scan:
        return f"{image.name} lies in the folder of {scan.label}; rename one of them"
    return ""
