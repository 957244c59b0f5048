"""What of the input was not used, listed so that nothing is lost in silence."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.dicom_files import is_dicom_file, may_be_dicom_name
from crosswarp.bids.flat import ARCHIVE, NIFTI
from crosswarp.bids.ids import ScanId
from crosswarp.bids.ignore import Ignored
from crosswarp.bids.images import is_image
from crosswarp.bids.naming import is_other_image
from crosswarp.bids.raw import FoundScans, RawScan
from crosswarp.bids.tables import write_table
from crosswarp.bids.walk import files_below, is_derivative_folder, is_hidden
from crosswarp.errors import InputError
from crosswarp.outputs import is_output

LEFT_OUT: Final = "left_out.tsv"

SHOWN: Final = 20
"""Sentences that are printed; the table has all."""

_OTHER_TYPES: Final = frozenset(
    {
        *("func", "dwi", "fmap", "perf", "pet", "eeg", "meg", "ieeg", "beh", "micr"),
        *("nirs", "motion", "mrs"),
    }
)
"""Folders of BIDS for what is no structural image."""

_NO_RAW: Final = frozenset({"derivatives", "code", "stimuli", "phenotype"})
_TEXT: Final = (".json", ".tsv", ".tsv.gz", ".bval", ".bvec", ".txt", ".md", ".csv")


def write_left_out(out: Path, sentences: Sequence[str]) -> None:
    """Write ``out/left_out.tsv``, or remove an older one when nothing was left out.

    Args:
        out: Folder of the derivatives.
        sentences: As of `FoundScans.left_out`: a place, a colon, and the reason.
    """
    path = out / LEFT_OUT
    if not sentences:
        path.unlink(missing_ok=True)
        return
    rows = [sentence.partition(": ") for sentence in sentences]
    table = pd.DataFrame([(what, why) for what, _, why in rows])
    write_table(path, table.set_axis(["place", "reason"], axis=1))


def summary_of(sentences: Sequence[str], out: Path) -> list[str]:
    """Return what to print of it: all, or the first few and where the rest is."""
    shown = list(sentences[:SHOWN])
    more = len(sentences) - SHOWN
    return [*shown, f"{more} more, see {out / LEFT_OUT}"] if more > 0 else shown


def refuse_empty(found: FoundScans, path: Path) -> None:
    """Refuse input of which nothing was used.

    Args:
        found: What was found.
        path: Path of the file to write.

    Raises:
        InputError: If that is no scan at all.
    """
    if not found.scans and not found.problems:
        msg = (
            f"{path} holds no T1w scan that could be used; each file that was left out"
            " is listed above"
        )
        raise InputError(msg)


def add_unused(
    found: FoundScans,
    participants: Sequence[Path],
    ignored: Ignored,
    excluding: Sequence[Path] = (),
) -> None:
    """Add to what was found in a BIDS data set what its ``anat`` folders do not hold.

    A participant or session without a T1w image whose folder has DICOM files is a
    scan. Everything else that might be a scan is left out, by name.

    Args:
        found: With its ``root``; added to.
        participants: Folders that were looked into.
        ignored: What the data set's ``.bidsignore`` names; not looked at.
        excluding: Folders not to look into.
    """
    for folder in participants:
        _add_participant(found, folder, ignored, excluding)
    found.scans.sort(key=lambda raw: raw.scan)


def add_outside(
    found: FoundScans, ignored: Ignored, excluding: Sequence[Path] = ()
) -> None:
    """List what might be scans outside the folders of participants.

    Args:
        found: Findings that are added to.
        ignored: What the ``.bidsignore`` of the data set names, which is not looked at.
        excluding: Folders not to look into.
    """
    root = ignored.root
    for entry in sorted(root.iterdir()):
        name = entry.name
        if is_hidden(name) or name in _NO_RAW or ignored.holds(entry):
            continue
        if entry.is_file():
            _list_unused(found, root, [entry])
        elif not name.startswith("sub-") and not _is_passed(entry, excluding):
            _list_unused(found, root, _not_ignored(entry, ignored, excluding))


def _not_ignored(
    folder: Path, ignored: Ignored, excluding: Sequence[Path]
) -> list[Path]:
    return [p for p in files_below(folder, excluding).files if not ignored.holds(p)]


def _is_passed(folder: Path, excluding: Sequence[Path]) -> bool:
    same = any(path.exists() and path.samefile(folder) for path in excluding)
    ours = is_derivative_folder(folder) or is_output(folder)
    return same or not folder.is_dir() or ours


def _add_participant(
    found: FoundScans, folder: Path, ignored: Ignored, excluding: Sequence[Path]
) -> None:
    if not is_participant(folder.name):
        # Said already, of the whole folder.
        return
    below = files_below(folder, excluding)
    found.left_out.extend(f"{folder.name}/{sentence}" for sentence in below.left_out)
    by_session: dict[Path, list[Path]] = defaultdict(list)
    for path in below.files:
        if ignored.holds(path):
            continue
        first = path.relative_to(folder).parts[0]
        session = folder / first if first.startswith("ses-") else folder
        by_session[session].append(path)
    for session, files in sorted(by_session.items()):
        dicom = [path for path in files if _is_dicom(path)]
        if dicom and _take_dicom(found, folder, session, dicom):
            files = [path for path in files if path not in set(dicom)]
        _list_unused(found, folder.parent, files)


def is_participant(name: str) -> bool:
    """Whether a folder's name is a participant's id."""
    try:
        ScanId(name)
    except InputError:
        return False
    return True


def _take_dicom(
    found: FoundScans, participant: Path, session: Path, files: Sequence[Path]
) -> bool:
    """Make DICOM files the scan of a session that has none; return whether they are."""
    try:
        scan = ScanId(
            participant.name, None if session == participant else session.name
        )
    except InputError:
        return False
    taken = {raw.scan for raw in found.scans} | {scan for scan, _ in found.problems}
    if scan in taken:
        return False
    inside = sorted({p.parent.relative_to(session).as_posix() for p in files})
    found.scans.append(RawScan(scan, session, inside=tuple(inside)))
    missing = f"{scan.label}: no T1w image in anat"
    if missing in found.left_out:
        found.left_out.remove(missing)
    return True


def _list_unused(found: FoundScans, root: Path, files: Sequence[Path]) -> None:
    """List images and archives one by one, DICOM files by folder."""
    used = {raw.path for raw in found.scans}
    refused = {scan for scan, _ in found.problems}
    others: dict[Path, list[Path]] = defaultdict(list)
    for path in files:
        if path in used or _is_other(path) or _of_any(path, refused):
            continue
        if is_image(path) or path.name.lower().endswith(ARCHIVE):
            name = path.relative_to(root).as_posix()
            found.left_out.append(f"{name}: {_why_unused(path, used)}")
        elif may_be_dicom_name(path.name):
            others[path.parent].append(path)
    found.left_out.extend(_of_folders(root, others))


def _of_folders(root: Path, others: dict[Path, list[Path]]) -> Iterator[str]:
    for folder, files in sorted(others.items()):
        # There may be very many: the first tells.
        if not is_dicom_file(files[0]):
            continue
        name = folder.relative_to(root).as_posix()
        yield (
            f"{name}: {len(files)} DICOM files; in BIDS data they are read only of"
            " a participant or session without a T1w image; give their folder alone"
        )


def _why_unused(path: Path, used: set[Path]) -> str:
    beside = any(path.parent == other.parent for other in used)
    if (
        beside
        and path.parent.name == "anat"
        and path.name.partition(".")[0].endswith("_T1w")
    ):
        return "another image of the session was taken"
    return "not named and placed as a T1w image of a BIDS data set; not read"


def _is_other(path: Path) -> bool:
    """Whether a file's place or name says that it is no T1w image."""
    return path.parent.name in _OTHER_TYPES or is_other_image(path.name)


def _of_any(path: Path, scans: set[ScanId]) -> bool:
    """Whether a T1w image is of a session that was refused, by name."""
    if path.parent.name != "anat":
        return False
    folder = path.parent.parent
    session = folder.name if folder.name.startswith("ses-") else None
    person = folder.parent.name if session else folder.name
    return any((s.participant_id, s.session_id) == (person, session) for s in scans)


def _is_dicom(path: Path) -> bool:
    name = path.name.lower()
    return not name.endswith((*_TEXT, *NIFTI, ARCHIVE)) and is_dicom_file(path)
