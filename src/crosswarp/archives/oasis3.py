"""OASIS-3 and OASIS-4: no dates; all times are days since the person's own entry.

Scans and clinical visits are on different days: each scan gets the nearest visit of its
own participant within a window. Two generations of tables are on disks: forms of the
UDS, and the one clinical table that the archive had until 2022. OASIS-4 has the same
layout of images; it is read where its tables have the same columns.
"""

import re
from typing import Final

from crosswarp.archives.by_columns import known_facts
from crosswarp.archives.library import Library
from crosswarp.archives.naming import participant_label, session_label, session_of_day
from crosswarp.archives.oasis3_tables import RULES, add_clinical, mr_facts
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Content, Exclusion, Image, Kind
from crosswarp.archives.tree import Item, Tree
from crosswarp.bids.ids import NOT_AVAILABLE

FOLDER: Final = re.compile(r"(OAS[34]\d{4})_(?P<kind>[A-Za-z0-9]+)_d(\d+)")
SUBJECT: Final = re.compile(r"sub-(OAS[34]\d{4})")
FILE: Final = re.compile(
    # Early downloads say sess-, later ones ses-.
    r"sub-(?P<subject>OAS[34]\d{4})_sess?-d(?P<day>\d+)"
    r"(?P<entities>(?:_[a-z]+-[A-Za-z0-9]+)*)_(?P<suffix>[A-Za-z0-9]+)"
    r"\.(?:nii|img)(?:\.gz)?",
    re.IGNORECASE,
)
SETTINGS: Final = {"label": RULES}
"""Where a label comes from: the clinical diagnosis, form D1, or the CDR."""

WINDOW: Final = 365
"""Days: of the OASIS team's own example of matching."""

NOT_MR: Final = "in a session that is not MR"
NO_T1: Final = "not a T1w image by its name"
NO_NAME: Final = "its name does not say whose it is (sub-OAS3NNNN_ses-dNNNN_…_T1w)"
STRANGER: Final = "its name is of another session than its folder"
ZIPPED: Final = "a zip of a download is not looked into; unpack it here"


def recognise(tree: Tree) -> str:
    """Say by what a tree is known as OASIS-3 or -4; empty if it is not."""
    for item in tree.images:
        for part in reversed(item.path.parts):
            if FOLDER.fullmatch(part) or SUBJECT.match(part):
                return "names such as OAS3NNNN_MR_dNNNN or sub-OAS3NNNN"
    return ""


def read(tree: Tree, options: ArchiveOptions) -> Content:
    """Read the tables of OASIS-3 and sort its images.

    Raises:
        InputError: If there is no clinical table of either generation.
    """
    library = Library(tree, ())
    content = Content(window=WINDOW, notes=library.notes)
    add_clinical(content, library, options)
    facts = mr_facts(library)
    for item in tree.images:
        image, reason = _image(item)
        if reason:
            content.exclusions.append(_exclusion(item, tree, image, reason))
            continue
        label = f"{image.participant}_MR_{image.session}"
        known = facts.get(label, {})
        content.images.append(_with(image, known))
    return content


def _image(item: Item) -> tuple[Image, str]:
    """Tell what an item is; returns also why it is not taken."""
    folder = _folder(item)
    named = FILE.fullmatch(item.name)
    if named:
        person, day = named["subject"].upper(), int(named["day"])
    elif folder:
        person, day = folder[0], folder[1]
    else:
        return Image("", "", item.path, item.kind), NO_NAME
    image = Image(
        person,
        session_of_day(day),
        item.path,
        item.kind,
        _description(named),
        when=day,
        visit=f"d{day:04d}",
    )
    return image, _why_not(item, named, folder)


def _why_not(
    item: Item, named: re.Match[str] | None, folder: tuple[str, int, str] | None
) -> str:
    """Say why an image is not a T1 of its session; empty if it is one."""
    if item.kind is Kind.ZIP:
        return ZIPPED
    if folder and folder[2].upper() != "MR":
        return NOT_MR
    if named is None:
        return NO_NAME
    if folder and folder[:2] != (named["subject"].upper(), int(named["day"])):
        return STRANGER
    return "" if named["suffix"].upper() == "T1W" else NO_T1


def _folder(item: Item) -> tuple[str, int, str] | None:
    """Return participant, day and kind of the session's folder."""
    found = (FOLDER.fullmatch(part) for part in reversed(item.path.parts[:-1]))
    one = next((f for f in found if f), None)
    return (one[1].upper(), int(one[3]), one["kind"]) if one else None


def _description(named: re.Match[str] | None) -> str:
    if named is None:
        return ""
    entities = named["entities"].replace("_", " ").strip()
    run = re.search(r"run-(\d+)", entities)
    again = ", a repeat" if run and int(run[1]) > 1 else ""
    return f"{named['suffix']} {entities}".strip() + again


def _with(image: Image, facts: dict[str, str]) -> Image:
    return Image(
        image.participant,
        image.session,
        image.path,
        image.kind,
        image.description,
        when=image.when,
        visit=image.visit,
        facts=known_facts(**facts),
    )


def _exclusion(item: Item, tree: Tree, image: Image, reason: str) -> Exclusion:
    person, session = image.participant, image.session
    return Exclusion(
        participant_label(person) if person else NOT_AVAILABLE,
        session_label(session) if session else NOT_AVAILABLE,
        reason,
        tree.place(item.path),
    )
