"""Mixed MRI of NACC: zips of several series, or the folders that they unpack to.

Which series is a T1 stands in the sidecar of each NIfTI file alone. A scan within a zip
is named by a path that goes on in it: ``mri12345.zip/7/MPRAGE.nii``.
"""

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Final

from crosswarp.archives.by_columns import known_facts
from crosswarp.archives.choice import why_no_t1
from crosswarp.archives.naming import participant_label, session_label, session_of_day
from crosswarp.archives.records import Content, Exclusion, Image, Kind
from crosswarp.archives.tree import Item, Tree
from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.images import SINGLE
from crosswarp.bids.scanner import nominal_field
from crosswarp.bids.walk import is_hidden
from crosswarp.documents import JSON_BYTES, object_of, read_object

NOT_LISTED: Final = "a zip or file that the MRI table does not name"
AMBIGUOUS: Final = "a zip that the MRI table gives to several participants or days"
BROKEN: Final = "a zip that cannot be opened: damaged, or not wholly downloaded"
EMPTY: Final = "a zip without images"
TWICE: Final = "the same zip is there twice"
SAME: Final = "the same image is in another zip of the participant"
SHARED: Final = "the same image is under two participants"

_PERSON: Final = re.compile(r"NACC\d{6}", re.IGNORECASE)
_FIELD: Final = "MagneticFieldStrength"


@dataclass(frozen=True)
class Listed:
    """What the MRI table says of a zip.

    Attributes:
        participant: Id; empty where it gives the zip to several.
        day: Of the scan.
        facts: Columns of the cohort.
    """

    participant: str
    day: date | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Found:
    """An image, the zip or file that it is in, and what tells its voxels."""

    image: Image
    place: str
    reason: str = ""
    key: tuple[int, int] | None = None


def read_mixed(
    content: Content, tree: Tree, items: Sequence[Item], listed: Mapping[str, Listed]
) -> None:
    """Sort mixed MRI into T1 and what is none.

    Args:
        content: Told of the images and of what was left out.
        tree: Where they lie.
        items: Zips and NIfTI files.
        listed: By the name of the zip without its ending, in lower case.
    """
    found: list[_Found] = []
    names: set[str] = set()
    for item in items:
        if item.kind is not Kind.ZIP:
            found.append(_of_file(item, tree, listed))
        elif item.name.casefold() in names:
            owner, _ = _whose([item.path.stem], listed)
            found.append(_without(item, tree, owner, TWICE))
        else:
            names.add(item.name.casefold())
            found.extend(_of_zip(item, tree, listed))
    for one in _checked(found):
        if one.reason:
            content.exclusions.append(_exclusion(one))
        else:
            content.images.append(one.image)


def _whose(names: Sequence[str], listed: Mapping[str, Listed]) -> tuple[Listed, str]:
    """Tell the participant by the names of files and folders; and why it cannot be."""
    for name in names:
        if known := listed.get(name.casefold()):
            return known, "" if known.participant else AMBIGUOUS
    for name in names:
        if person := _PERSON.match(name):
            return Listed(person[0].upper()), ""
    return Listed(""), NOT_LISTED


def _of_file(item: Item, tree: Tree, listed: Mapping[str, Listed]) -> _Found:
    """Tell what an unpacked image is; a folder of slices goes by its name."""
    parts = PurePosixPath(tree.place(item.path)).parts
    owner, reason = _whose(list(reversed(parts)), listed)
    if reason:
        return _without(item, tree, owner, reason)
    name = re.sub(r"\.(nii|img)(\.gz)?$", "", item.path.name, flags=re.IGNORECASE)
    sidecar = {}
    if item.kind is not Kind.DICOM:
        sidecar = read_object(item.path.with_name(f"{name}.json"))
    session = next((part for part in parts if part.casefold() in listed), name)
    image = _image(owner, session, item.path, item.kind, _description(sidecar, name))
    reason = why_no_t1(image.description)
    return _Found(_with_scanner(image, sidecar), tree.place(item.path), reason)


def _of_zip(item: Item, tree: Tree, listed: Mapping[str, Listed]) -> Iterator[_Found]:
    """Tell what a zip holds, by the sidecars in it; nothing is unpacked."""
    owner, reason = _whose([item.path.stem], listed)
    if reason:
        yield _without(item, tree, owner, reason)
        return
    try:
        with zipfile.ZipFile(item.path) as opened:
            members = [one for one in opened.infolist() if _is_data(one)]
            niftis = [m for m in members if m.filename.lower().endswith(SINGLE)]
            sidecars = [_sidecar(opened, one.filename) for one in niftis]
    except (OSError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        yield _without(item, tree, owner, BROKEN)
        return
    others = [m for m in members if not m.filename.lower().endswith(".json")]
    if not others:
        yield _without(item, tree, owner, EMPTY)
    elif not niftis:
        # DICOM: the series is chosen when the scan is read.
        image = _image(owner, item.path.stem, item.path, Kind.ZIP, "DICOM")
        yield _Found(image, tree.place(item.path))
    for member, sidecar in zip(niftis, sidecars, strict=True):
        path = item.path / member.filename
        name = PurePosixPath(member.filename).name.partition(".nii")[0]
        said = _description(sidecar, name)
        image = _image(owner, item.path.stem, path, Kind.ZIP, said)
        key = member.CRC, member.file_size
        place = f"{tree.place(item.path)}/{member.filename}"
        yield _Found(_with_scanner(image, sidecar), place, why_no_t1(said), key)


def _is_data(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename).parts
    return not member.is_dir() and not any(is_hidden(p) or p == ".." for p in parts)


def _sidecar(opened: zipfile.ZipFile, name: str) -> dict[str, Any]:
    stem = re.sub(r"\.nii(\.gz)?$", "", name, flags=re.IGNORECASE)
    try:
        with opened.open(f"{stem}.json") as file:
            return object_of(file.read(JSON_BYTES + 1)) or {}
    except KeyError:
        return {}


def _description(sidecar: Mapping[str, Any], name: str) -> str:
    keys = ("SeriesDescription", "ProtocolName")
    said = (str(sidecar[key]).strip() for key in keys if sidecar.get(key))
    return next((one for one in said if one), name)


def _image(
    owner: Listed, session: str, path: Path, kind: Kind, description: str
) -> Image:
    return Image(
        owner.participant,
        session if owner.day is None else session_of_day(owner.day),
        path,
        kind,
        description,
        when=owner.day,
        facts=owner.facts,
    )


def _with_scanner(image: Image, sidecar: Mapping[str, Any]) -> Image:
    """Add what a sidecar says of the scanner."""
    tesla = sidecar.get(_FIELD)
    strength = None
    if isinstance(tesla, int | float) and tesla > 0:
        strength = f"{nominal_field(float(tesla)):g}"
    maker = (sidecar.get("Manufacturer"), sidecar.get("ManufacturersModelName"))
    facts = known_facts(
        field_strength_t=strength,
        scanner=" ".join(str(text) for text in maker if text),
    )
    return Image(
        image.participant,
        image.session,
        image.path,
        image.kind,
        image.description,
        when=image.when,
        facts={**image.facts, **facts},
    )


def _without(item: Item, tree: Tree, owner: Listed, reason: str) -> _Found:
    image = _image(owner, "", item.path, item.kind, "")
    return _Found(image, tree.place(item.path), reason)


def _checked(found: Sequence[_Found]) -> Iterator[_Found]:
    """Leave out an image that is there twice: by the checksums in the zips."""
    holders: dict[tuple[int, int], list[_Found]] = defaultdict(list)
    for one in found:
        if one.key is not None and not one.reason:
            holders[one.key].append(one)
    for one in found:
        same = [] if one.key is None or one.reason else holders[one.key]
        if len({other.image.participant for other in same}) > 1:
            yield _Found(one.image, one.place, SHARED)
        elif same and same[0] is not one:
            yield _Found(one.image, one.place, SAME)
        else:
            yield one


def _exclusion(one: _Found) -> Exclusion:
    image = one.image
    return Exclusion(
        participant_label(image.participant) if image.participant else NOT_AVAILABLE,
        session_label(image.session) if image.session else NOT_AVAILABLE,
        one.reason,
        one.place,
        image.description,
    )
