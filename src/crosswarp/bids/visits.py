"""DICOM files of a tree, put together to examinations: a person's visit each."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from os.path import commonpath
from pathlib import Path
from typing import Final

from crosswarp.bids.dicom_files import read_header, tag_text
from crosswarp.bids.naming import Item, named_in
from crosswarp.errors import InputError, MissingPackageError

_TAGS: Final = (
    *("PatientID", "PatientName", "StudyDate", "StudyInstanceUID", "Modality"),
)
_LOOKED_AT: Final = 5
"""Files of a folder whose headers are read here; all are when it is read as a scan."""

_NOBODY: Final = re.compile(r"|0+|x+|n/?a|none|unknown|anon(ym(ous|i[sz]ed)?)?\W*\d*")
_NO_DATE: Final = re.compile(r"\d{4}0101|")
"""Dates that stand for none."""


@dataclass(frozen=True)
class _Folder:
    """A folder with DICOM files directly in it.

    Attributes:
        path: Path of the file to write.
        visit: Of whom, and when: only to be compared; never shown.
        study: StudyInstanceUID of the examination.
        is_mr: Some are MR images, or that is not known.
    """

    path: Path
    visit: tuple[str, str]
    study: str
    is_mr: bool


def examinations(
    root: Path, files: Sequence[Path], alone: bool
) -> tuple[list[Item], list[str]]:
    """Put DICOM files together to examinations.

    Folders whose names say whose they are (``sub-<label>``, ADNI) are distinguished by
    these; others by the patient and the day of the study, which are compared and never
    shown. An examination may lie in several folders, and a folder is in one.

    Args:
        root: The folder that was given.
        files: DICOM files below it.
        alone: There is nothing else below it that may be a scan.

    Returns:
        The examinations, and sentences on folders without MR images.
    """
    by_folder: dict[Path, list[Path]] = defaultdict(list)
    for path in files:
        by_folder[path.parent].append(path)
    folders = [_look_at(root, *each) for each in by_folder.items()]
    visits = _by_visit(folders)
    mr = {key: some for key, some in visits.items() if any(f.is_mr for f in some)}
    left_out = []
    if mr:
        left_out = [
            f"{folder.path.relative_to(root).as_posix()}: DICOM, but no MR images"
            for key, some in visits.items()
            if key not in mr
            for folder in some
        ]
        visits = mr
    people = {person for person, _ in visits}
    lone = alone and (len(visits) == 1 or (len(people) == 1 and "" not in people))
    whole = lone and len(visits) == 1
    return [_item(root, some, lone, whole) for some in visits.values()], left_out


def _look_at(root: Path, folder: Path, files: Sequence[Path]) -> _Folder:
    try:
        scan = named_in(folder.relative_to(root).parts)
    except InputError:
        scan = None
    if scan is not None:
        return _Folder(folder, (scan.label, "by name"), "", is_mr=True)
    try:
        headers = [read_header(path, _TAGS) for path in islice(files, _LOOKED_AT)]
    except (MissingPackageError, OSError):
        # Reading the scan will say what is missing, or which file cannot be read.
        return _Folder(folder, ("", ""), "", is_mr=True)
    images = [header for header in headers if header is not None]
    mr = [header for header in images if tag_text(header, "Modality") == "MR"]
    if not images:
        return _Folder(folder, ("", ""), "", is_mr=False)
    first = (mr or images)[0]
    person = tag_text(first, "PatientID") or tag_text(first, "PatientName")
    person = "" if _NOBODY.fullmatch(person.casefold()) else person.casefold()
    study = tag_text(first, "StudyInstanceUID")
    date = tag_text(first, "StudyDate")
    unknown = not person or _NO_DATE.fullmatch(date)
    return _Folder(folder, (person, study if unknown else date), study, bool(mr))


def _by_visit(folders: Sequence[_Folder]) -> dict[tuple[str, str], list[_Folder]]:
    """Group folders; one of nobody goes with what is of the same study."""
    known = {f.study: f.visit for f in folders if f.visit[0] and f.study}
    visits: dict[tuple[str, str], list[_Folder]] = defaultdict(list)
    for folder in folders:
        visit = (
            folder.visit if folder.visit[0] else known.get(folder.study, folder.visit)
        )
        visits[visit].append(folder)
    return visits


def _item(root: Path, folders: Sequence[_Folder], lone: bool, whole: bool) -> Item:
    """Make one examination of folders; the root's when it is the whole of it."""
    top = root if whole else Path(commonpath([folder.path for folder in folders]))
    inside = tuple(sorted(f.path.relative_to(top).as_posix() for f in folders))
    parts, patient = top.relative_to(root).parts, folders[0].visit[0]
    return Item(parts, top, inside, dicom=True, lone=lone, patient=patient)
