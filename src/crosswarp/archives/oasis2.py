"""OASIS-2: 150 people of 60 and over, two or more sessions each, one table, no dates.

The label is a rule on the Clinical Dementia Rating (CDR) of the session's own row.
``Group`` is of the person over all visits, and only used when asked for: those called
``Converted`` were not demented at first. A session holds three or four acquisitions,
not averaged; the first one is taken.
"""

import re
from typing import Final

from crosswarp.archives.by_columns import known_facts, need_table
from crosswarp.archives.library import Library
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Content, Image, Kind, Visit
from crosswarp.archives.rules import label_of_cdr
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

SESSION: Final = re.compile(r"(OAS2_\d{4})_(MR\d+)", re.IGNORECASE)
SHAPE: Final = "OAS2_NNNN_MRn"
COLUMNS: Final = (("Subject ID",), ("MRI ID",), ("MR Delay",), ("CDR",))
NO_SESSION: Final = f"in no session folder of OASIS-2 ({SHAPE})"
NO_OTHER: Final = "not an acquisition of OASIS-2 by its name"
NO_ORIENTATION: Final = "a header of Analyze 7.5, without an orientation"

_ACQUISITION: Final = re.compile(
    r"(?:OAS2_\d{4}_MR\d+_)?mpr-(\d+)(?:_anon)?(?:\.nifti)?"
    r"\.(?:img|hdr|nii)(?:\.gz)?",
    re.IGNORECASE,
)
_WHERE: Final = (
    "Download oasis_longitudinal_demographics (.csv or .xlsx) from the page of OASIS-2,"
    " and put it beside OAS2_RAW_PART1 and OAS2_RAW_PART2"
)


def recognise(tree: Tree) -> str:
    """Say by what a tree is known as OASIS-2; empty if it is not."""
    named = (session_of(item, SESSION) for item in tree.images)
    return f"folders {SHAPE}" if any(named) else ""


def read(tree: Tree, options: ArchiveOptions) -> Content:
    """Read the table of OASIS-2 and sort its images.

    Raises:
        InputError: If there is no table.
    """
    library = Library(tree, ())
    usual = "oasis_longitudinal_demographics.xlsx"
    table = need_table(library, COLUMNS, usual, _WHERE)
    content = Content(window=0, by_code=True, notes=library.notes)
    rows = list(rows_of(content, table, "mri_id", SESSION, SHAPE))
    add_people(content, rows, "education_years")
    visits = {s: _visit(row, s, table.name, options) for row, s in rows}
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
        "OASIS-2 has no diagnoses: the label is the CDR of the session's row by the"
        f" rule {options.cdr!r} (--cdr); Group is not used"
    )
    return content


def _visit(row: Row, session: Session, table: str, options: ArchiveOptions) -> Visit:
    cdr, delay = row.number("cdr"), row.number("mr_delay")
    label = with_rule(label_of_cdr(cdr, options.cdr), cdr, options)
    when = None if delay is None else int(delay)
    return visit_of(row, session, when, table, label)


def _why_not(item: Item) -> str:
    """Say why an image is not a T1 of its session; empty if it is one."""
    if not _ACQUISITION.fullmatch(item.name):
        return NO_OTHER
    if is_half(item):
        return HALF
    return NO_ORIENTATION if item.kind is Kind.ANALYZE else ""


def _image(item: Item, session: Session, visit: Visit | None) -> Image:
    named = _ACQUISITION.fullmatch(item.name)
    number = int(named[1]) if named else 1
    facts = known_facts(
        field_strength_t="1.5",
        scanner="Siemens Vision",
        age_years=visit.facts.get("age_years") if visit else None,
    )
    return Image(
        *session,
        item.path,
        item.kind,
        f"MPRAGE mpr-{number}" + (", a repeat" if number > 1 else ""),
        when=visit.when if visit else None,
        visit=session.code,
        facts=facts,
    )
