"""OASIS-1: 416 people, a folder a session, one table, no dates, no diagnoses.

The label is a rule on the Clinical Dementia Rating (CDR). Most people under 60 were not
rated: an empty CDR is neither health nor dementia. ``MR2`` is a second scan of the same
person within 90 days. Of each session the average in the participant's space
(``SUBJ_111``) is taken, in Analyze 7.5, whose orientation the reader knows.
"""

import re
from typing import Final

from crosswarp.archives.by_columns import known_facts, need_table
from crosswarp.archives.library import Library
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Content, Image, Kind, Visit
from crosswarp.archives.rules import Label, label_of_cdr
from crosswarp.archives.sessions import (
    HALF,
    Session,
    add_people,
    is_half,
    leave_out,
    leave_out_packed,
    rows_of,
    session_of,
    visit_of,
    with_rule,
)
from crosswarp.archives.tables import Row
from crosswarp.archives.tree import Item, Tree
from crosswarp.bids.images import other_of_pair
from crosswarp.bids.stated_orientation import with_orientation
from crosswarp.errors import ScanError

SESSION: Final = re.compile(r"(OAS1_\d{4})_(MR\d+)", re.IGNORECASE)
SHAPE: Final = "OAS1_NNNN_MRn"
COLUMNS: Final = (("ID",), ("M/F",), ("CDR",), ("Delay",))
SETTINGS: Final = {"unrated": ("excluded", "cn")}
"""``cn`` takes participants under 60 who were not rated for CN."""

RATED_FROM: Final = 60
"""Years of age: younger participants were not rated."""

UNRATED: Final = "no CDR: participants under 60 years were not rated"
SINGLE: Final = "one acquisition; the average of the session (SUBJ_111) is taken"
DERIVED: Final = "derived from a T1: in a template's space, stripped or labels"
NO_SESSION: Final = f"in no session folder of OASIS-1 ({SHAPE})"
NO_OTHER: Final = "not an image of OASIS-1 by its name"
GEOMETRY: Final = "its header does not have the geometry of OASIS-1's averages"

_AVERAGE: Final = re.compile(
    r".*_mpr_n(\d)_anon_sbj_111\.(?:img|hdr|nii)(?:\.gz)?", re.IGNORECASE
)
_HEADER_BYTES: Final = 348
_WHERE: Final = (
    "Download oasis_cross-sectional (.csv or .xlsx) from the page of OASIS-1 and put it"
    " beside the discs"
)


def recognise(tree: Tree) -> str:
    """Say by what a tree is known as OASIS-1; empty if it is not."""
    named = (session_of(item, SESSION) for item in tree.images)
    return f"folders {SHAPE}" if any(named) else ""


def read(tree: Tree, options: ArchiveOptions) -> Content:
    """Read the table of OASIS-1 and sort its images.

    Raises:
        InputError: If there is no table.
    """
    library = Library(tree, ())
    table = need_table(library, COLUMNS, "oasis_cross-sectional.csv", _WHERE)
    content = Content(window=0, by_code=True, notes=library.notes)
    rows = list(rows_of(content, table, "id", SESSION, SHAPE))
    add_people(content, rows, "education_level")
    visits = {
        session: visit_of(
            row, session, _day(row, session), table.name, _label(row, options)
        )
        for row, session in rows
    }
    content.visits.extend(visits.values())
    leave_out_packed(content, tree)
    for item in tree.images:
        session = session_of(item, SESSION)
        why = _why_not(item) if session else NO_SESSION
        if session is None or why:
            leave_out(content, tree, item, why, session)
        else:
            content.images.append(_image(item, session, visits.get(session)))
    content.notes.append(
        "OASIS-1 has no diagnoses: the label is the CDR by the rule"
        f" {options.cdr!r} (--cdr)"
    )
    return content


def _day(row: Row, session: Session) -> int | None:
    """Days since the first session, which has no delay."""
    delay = row.number("delay")
    if delay is None:
        return 0 if session.code == "MR1" else None
    return int(delay)


def _label(row: Row, options: ArchiveOptions) -> Label:
    cdr, age = row.number("cdr"), row.number("age")
    if cdr is not None or age is None or age >= RATED_FROM:
        return with_rule(label_of_cdr(cdr, options.cdr), cdr, options)
    if options.settings.get("unrated") == "cn":
        return Label("CN", detail="under 60 years and not rated, taken for CN")
    return with_rule(Label(None, UNRATED), cdr, options)


def _why_not(item: Item) -> str:
    """Say why an image is not the T1 of its session; empty if it is."""
    name = item.name.lower()
    if "_t88_" in name or "fseg" in name or "masked" in name:
        return DERIVED
    if re.search(r"_mpr-\d+_anon\.", name):
        return SINGLE
    if not _AVERAGE.fullmatch(name):
        return NO_OTHER
    if is_half(item):
        return HALF
    return GEOMETRY if item.kind is Kind.ANALYZE and not _is_known(item) else ""


def _is_known(item: Item) -> bool:
    """Whether the reader will know the orientation of a pair in Analyze."""
    header = other_of_pair(item.path)
    if header is None:
        return False
    try:
        with header.open("rb") as file:
            _, notes = with_orientation(header.name, file.read(_HEADER_BYTES))
    except (OSError, ScanError):
        return False
    return bool(notes)


def _image(item: Item, session: Session, visit: Visit | None) -> Image:
    repeats = _AVERAGE.fullmatch(item.name)
    facts = known_facts(
        field_strength_t="1.5",
        scanner="Siemens Vision",
        age_years=visit.facts.get("age_years") if visit else None,
        orientation="stated" if item.kind is Kind.ANALYZE else "header",
    )
    return Image(
        *session,
        item.path,
        item.kind,
        f"MPRAGE, average of {repeats[1] if repeats else '?'}",
        when=visit.when if visit else None,
        visit=session.code,
        facts=facts,
    )
