"""Archives whose folders and tables name a session in one word: OASIS-1 and OASIS-2."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from crosswarp.archives.by_columns import known_facts, sex_of, shown
from crosswarp.archives.naming import participant_label, session_label
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Content, Exclusion, Person, Visit
from crosswarp.archives.rules import Label
from crosswarp.archives.tables import Row, Table
from crosswarp.archives.tree import Item, Tree
from crosswarp.bids.ids import NOT_AVAILABLE

HALF: Final = "its header (.hdr) or its voxels (.img) are not there"
PACKED: Final = "a packed download; unpack it here"

_PAIR: Final = 2
_SINGLE: Final = (".nii", ".nii.gz")


class Session(NamedTuple):
    """Whose an image or a row is.

    Attributes:
        participant: Id of the archive.
        code: The rest of the session's name: ``MR1``.
    """

    participant: str
    code: str


def session_in(text: str, pattern: re.Pattern[str]) -> Session | None:
    """Read the name of a session at the beginning of a text.

    Args:
        text: A file's or a folder's name, or a cell.
        pattern: Its groups are the participant and the code.
    """
    found = pattern.match(text)
    return Session(found[1].upper(), found[2].upper()) if found else None


def session_of(item: Item, pattern: re.Pattern[str]) -> Session | None:
    """Tell whose an image is, by the innermost file or folder that says so."""
    named = (session_in(part, pattern) for part in reversed(item.path.parts))
    return next((one for one in named if one), None)


def leave_out(
    content: Content, tree: Tree, item: Item, reason: str, session: Session | None
) -> None:
    """Note an image that is not taken."""
    participant = participant_label(session.participant) if session else NOT_AVAILABLE
    code = session_label(session.code) if session and session.code else NOT_AVAILABLE
    place = tree.place(item.path)
    content.exclusions.append(Exclusion(participant, code, reason, place))


def leave_out_packed(content: Content, tree: Tree) -> None:
    """Note the downloads that are not unpacked."""
    for end in (".gz", ".tgz", ".tar"):
        for path in tree.others.get(end, ()):
            place = tree.place(path)
            content.exclusions.append(
                Exclusion(NOT_AVAILABLE, NOT_AVAILABLE, PACKED, place)
            )


def is_half(item: Item) -> bool:
    """Whether the other file of a pair of header and voxels is not there."""
    return not item.name.lower().endswith(_SINGLE) and item.files < _PAIR


def rows_of(
    content: Content, table: Table, column: str, pattern: re.Pattern[str], shape: str
) -> Iterator[tuple[Row, Session]]:
    """List the rows of a table with their sessions; a row without one is left out.

    Args:
        content: Told of the rows without a session.
        table: One row a session.
        column: Where the session's name stands.
        pattern: As of `session_in`.
        shape: What such a name looks like, for the reason.
    """
    for row in table.rows:
        session = session_in(row.text(column) or "", pattern)
        if session is not None:
            yield row, session
            continue
        reason = f"a row without the id of a session ({shape})"
        item = f"{table.name} line {row.line}"
        content.exclusions.append(Exclusion(NOT_AVAILABLE, NOT_AVAILABLE, reason, item))


def visit_of(
    row: Row, session: Session, when: int | None, table: str, label: Label
) -> Visit:
    """Make the visit of a row with a CDR, an MMSE and an age.

    Args:
        row: Row of the table.
        session: Whose it is.
        when: Days since the first session.
        table: Name of the file.
        label: By the rule; how in its ``detail``.
    """
    facts = known_facts(
        cdr=shown(row.number("cdr")),
        mmse=row.code("mmse"),
        age_years=shown(row.number("age")),
    )
    return Visit(
        *session, when, label.label, table, label.detail, facts, label.reason, row.line
    )


def with_rule(label: Label, cdr: float | None, options: ArchiveOptions) -> Label:
    """Write into a label how it became one of a CDR."""
    said = "no CDR" if cdr is None else f"CDR {cdr:g}, rule {options.cdr}"
    return Label(label.label, label.reason, label.detail or said)


def add_people(
    content: Content, rows: list[tuple[Row, Session]], education: str
) -> None:
    """Note what holds for each participant: sex, education, group.

    Args:
        content: Told of the people, and how many of them change their sex.
        rows: All of the table.
        education: Name of the fact that its column ``educ`` is.
    """
    by_person: dict[str, list[Row]] = {}
    for row, session in rows:
        by_person.setdefault(session.participant, []).append(row)
    unclear = 0
    for person, own in by_person.items():
        sex = sex_of(own, "m_f")
        unclear += sex is None
        level = next((code for row in own if (code := row.code("educ"))), "")
        group = next((text for row in own if (text := row.text("group"))), "")
        facts = {education: level} if level else {}
        content.people[person] = Person(person, sex or "", group=group, facts=facts)
    if unclear:
        content.notes.append(
            f"{unclear} participant(s) whose sex differs between rows: taken as missing"
        )
