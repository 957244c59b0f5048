"""Who scans are of that lie anywhere below a folder: by names of files and folders."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crosswarp.bids.flat import scan_of
from crosswarp.bids.ids import ScanId
from crosswarp.errors import InputError

_ADNI: Final = re.compile(r"(?<!\d)(\d{3})_S_(\d{4,5})(?!\d)", re.IGNORECASE)
_OF_ADNI: Final = re.compile(r"sub-(ADNI)?\d{3}S\d{4,5}", re.IGNORECASE)
_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(_\d\d_\d\d_\d\d(\.\d+)?)?")
_IMAGE: Final = re.compile(r"(?:^|_)(I\d{3,})(?=$|\.)")
_SESSION: Final = re.compile(r"ses-[A-Za-z0-9]+")

_GROUPS: Final = frozenset(
    {
        *("ad", "mci", "cn", "nc", "hc", "nl", "smc", "emci", "lmci", "smci", "pmci"),
        *("ftd", "control", "controls", "patient", "patients", "case", "cases"),
        *("train", "training", "test", "val", "validation", "adni", "data", "nifti"),
        *("nii", "dicom", "dcm", "raw", "rawdata", "sourcedata", "images", "scans"),
        *("mri", "mr", "t1", "t1w", "anat"),
    }
)
"""Folders named after what is in them, not after whom it is of."""

_GENERIC: Final = frozenset(
    {
        *(
            "",
            "t",
            "tw",
            "t1w",
            "t1",
            "mprage",
            "anat",
            "brain",
            "scan",
            "image",
            "mri",
        ),
        *("head", "struct", "structural", "anatomical", "orig", "mr", "dt", "unnamed"),
        *("spgr", "bravo", "nifti", "volume", "vol", "mp2rage"),
    }
)
"""Names of files, without digits at the end, that say nothing of a person."""

_OTHER_SUFFIXES: Final = frozenset(
    {
        *("T2w", "FLAIR", "PDw", "T2starw", "PDT2", "angio", "inplaneT1", "inplaneT2"),
        *("T1map", "T2map", "R1map", "MTRmap", "bold", "sbref", "dwi", "epi", "asl"),
        *("m0scan", "phase1", "phase2", "phasediff", "magnitude1", "magnitude2"),
        *("magnitude", "fieldmap", "pet", "mask", "dseg", "probseg", "defacemask"),
        *("MP2RAGE", "xfm"),
    }
)
"""Ends of BIDS names of what is no T1w image."""


@dataclass(frozen=True)
class Item:
    """Something that may be a scan.

    Attributes:
        parts: Of its place: folders below the one that was given, and its name.
        path: The file, archive or folder.
        inside: What of it, as `RawScan.inside`.
        dicom: It is a DICOM examination.
        lone: It is all DICOM of the one person whose folder was given, or a visit.
        patient: Patient of a DICOM examination, to separate people; never shown.
    """

    parts: tuple[str, ...]
    path: Path
    inside: tuple[str, ...] = ()
    dicom: bool = False
    lone: bool = False
    patient: str = ""


def is_other_image(name: str) -> bool:
    """Whether a BIDS name says that an image is no T1w image."""
    suffix = name.partition(".")[0].rpartition("_")[2]
    return name.startswith("sub-") and suffix in _OTHER_SUFFIXES


def named_in(parts: Sequence[str]) -> ScanId | None:
    """Tell who a scan is of, where a name says so in a way that is known.

    A BIDS name counts first, then the folders ``sub-<label>`` and ``ses-<label>``,
    then the ids of ADNI: ``002_S_0295`` is ``sub-002S0295``; the visit is named by the
    date of its folder and the id of the image, as far as there are any.

    Args:
        parts: Folders, then the name; or folders only.

    Raises:
        InputError: If it names two people.

    Example:
        >>> named_in(["002_S_0295", "2006-04-18_08_20_30.0", "I45108", "x.nii"]).label
        'sub-002S0295_ses-20060418I45108'
    """
    for part in reversed(parts):
        try:
            scan = ScanId.parse(part)
        except InputError:
            continue
        if scan.session_id is None:
            sessions = [p for p in parts if _SESSION.fullmatch(p)]
            return ScanId(scan.participant_id, sessions[-1] if sessions else None)
        return scan
    return _named_by_adni(parts)


def is_of_adni(participant: str) -> bool:
    """Whether an identifier is one that ADNI gives, as data sets write it.

    Args:
        participant: Identifier as cohort tables have it.

    Example:
        >>> [is_of_adni(f"sub-{name}") for name in ("002S0295", "ADNI002S0295", "01")]
        [True, True, False]
    """
    return _OF_ADNI.fullmatch(participant) is not None


def _named_by_adni(parts: Sequence[str]) -> ScanId | None:
    people = {
        f"sub-{found[1]}S{found[2]}" for part in parts for found in _ADNI.finditer(part)
    }
    if not people:
        return None
    if len(people) > 1:
        msg = f"names of two people in one place, {' and '.join(sorted(people))}"
        raise InputError(msg)
    dates = ["".join(d.groups()[:3]) for p in parts if (d := _DATE.fullmatch(p))]
    images = [i[1] for p in parts for i in _IMAGE.finditer(p)]
    visit = "".join([*dates[-1:], *images[-1:]])
    return ScanId(people.pop(), f"ses-{visit}" if visit else None)


def name_items(
    items: Sequence[Item], root: Path
) -> tuple[dict[ScanId, list[Item]], list[tuple[Item, str]]]:
    """Tell who scans are of.

    Where `named_in` does not say: a file directly in the folder goes by its name. One
    deeper down too, if folders hold several and their names differ; else by the first
    folder that is not named after a group (``AD``, ``nifti``, …), which is the
    participant, and the visit is called after the folders and names in which the
    participant's scans differ.

    Args:
        items: Scans to be named.
        root: The folder that was given.

    Returns:
        The scans by id; several of one id are not distinguished. And scans that
        cannot be named, with the reason.
    """
    named: dict[ScanId, list[Item]] = defaultdict(list)
    faults: list[tuple[Item, str]] = []
    deep: list[Item] = []
    for item in items:
        try:
            scan = named_in(item.parts)
        except InputError as error:
            faults.append((item, str(error)))
            continue
        if scan is not None:
            named[scan].append(item)
        elif len(item.parts) > 1 or item.lone or item.dicom:
            deep.append(item)
        else:
            named[scan_of(Path(item.parts[-1]))].append(item)
    for scan, item in _name_deep(deep, root):
        named[scan].append(item)
    return dict(named), faults


def _name_deep(items: Sequence[Item], root: Path) -> list[tuple[ScanId, Item]]:
    files = [item for item in items if not item.dicom]
    names = [scan_of(Path(item.parts[-1])) for item in files]
    by_file = _named_by_file(files, names)
    groups: dict[str, list[Item]] = defaultdict(list)
    named = []
    for item in items:
        folder = _own_folder(item)
        if not item.dicom and by_file and folder is None:
            named.append((scan_of(Path(item.parts[-1])), item))
        else:
            person = root.name if item.lone else folder or _person(item, items, root)
            groups[scan_of(Path(person)).participant_id].append(item)
    for person, some in groups.items():
        named += [(ScanId(person, visit), i) for visit, i in _visits(person, some)]
    return named


def _named_by_file(files: Sequence[Item], names: Sequence[ScanId]) -> bool:
    """Whether files are distinguished by their names rather than by their folders."""
    stems = {name.participant_id.removeprefix("sub-").lower() for name in names}
    generic = any(stem.rstrip("0123456789") in _GENERIC for stem in stems)
    folders = {item.parts[:-1] for item in files}
    return len(set(names)) == len(names) and not generic and len(folders) < len(files)


def _person(item: Item, items: Sequence[Item], root: Path) -> str:
    """Return the first folder that is not one of a group.

    A folder with DICOM of several patients is one of a group, whatever its name.
    """
    folders = item.parts if item.dicom else item.parts[:-1]
    for depth, part in enumerate(folders, start=1):
        beside = [i for i in items if i.parts[:depth] == item.parts[:depth]]
        patients = {i.patient for i in beside if i.patient}
        if part.lower() not in _GROUPS and len(patients) < 2:
            return part
    return folders[-1] if folders and len(items) > 1 else root.name


def _own_folder(item: Item) -> str | None:
    """Return the folder whose name a file's name begins with: ``p1/p1_month12.nii``."""
    if item.dicom:
        return None
    folders = [p for p in item.parts[:-1] if p.lower() not in _GROUPS]
    start = re.compile(r"[._ -].*", re.DOTALL)
    name = item.parts[-1]
    return next(
        (f for f in folders if name.startswith(f) and start.match(name[len(f) :])), None
    )


def _visits(person: str, items: Sequence[Item]) -> list[tuple[str | None, Item]]:
    """Name a participant's visits by that in which the places of its scans differ."""
    if len(items) == 1:
        return [(None, items[0])]
    places = [_labels(item) for item in items]
    common = set.intersection(*map(set, places))
    visits = []
    for item, place in zip(items, places, strict=True):
        label = "".join(part for part in place if part not in common)
        label = label.removeprefix(person.removeprefix("sub-")) or label
        visits.append((f"ses-{label}" if label else None, item))
    return visits


def _labels(item: Item) -> list[str]:
    return [scan_of(Path(p)).participant_id.removeprefix("sub-") for p in item.parts]
