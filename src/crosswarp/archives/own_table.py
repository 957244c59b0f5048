"""Any table of scans: a row a scan, with a path, an id and a diagnosis."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crosswarp.archives.library import Library
from crosswarp.archives.naming import participant_label, session_of_day
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import (
    Content,
    Exclusion,
    Image,
    Person,
    Visit,
    kind_of,
)
from crosswarp.archives.sidecar import DAY, PERSON, SESSION
from crosswarp.archives.tables import Row, Table, column_key
from crosswarp.archives.tree import Tree
from crosswarp.bids.columns import find_columns, lacking
from crosswarp.bids.diagnoses import known_diagnosis
from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.options import CohortOptions
from crosswarp.bids.values import is_code, known
from crosswarp.documents import path_from
from crosswarp.errors import InputError

PATH: Final = ("path", "file", "filename", "file_name", "image", "scan", "nifti", "t1")
"""Columns with the place of a scan, the best first."""

NO_FILE: Final = "no file at the path of the table"
NO_ID: Final = "a row without a participant's id"
NO_PATH: Final = "the table gives no path of its scan"


@dataclass(frozen=True)
class _Columns:
    """What the columns are: names of ours by the table's, participant and path."""

    names: dict[str, str]
    person: str
    path: str

    def known(self, row: Row) -> dict[str, str]:
        """Return what a row says, by our names."""
        said = {
            ours: known(row.cells.get(name))
            for name, ours in self.names.items()
            if name not in {self.person, self.path}
        }
        return {name: value for name, value in said.items() if value is not None}


def recognise(tree: Tree) -> str:
    """Say by what a tree is known as a table of scans: it is one file."""
    alone = len(tree.tables) == 1 and not tree.images and not tree.folders
    return "being one table" if alone else ""


def read(tree: Tree, options: ArchiveOptions) -> Content:
    """Read the table of scans.

    The file is the source itself, or the one table of a folder that has paths. Paths
    count from the table's folder on.

    Raises:
        InputError: If there is none or several, or it lacks a column.
    """
    library = Library(tree, ())
    fitting = library.with_columns(PATH, PERSON)
    if len(fitting) != 1:
        there = ", ".join(path.name for path in tree.tables[:10]) or "no table"
        msg = (
            f"expected one table with a column of the participant ({PERSON[0]}, …) and"
            f" one of the path ({PATH[0]}, …), got {there}; name the file itself"
        )
        raise InputError(msg)
    table = library.read(fitting[0])
    columns, notes = _columns(table, options)
    content = Content(scans="all", by_code=True)
    for row in table.rows:
        _add(content, row, table, columns, options.labels)
    content.notes = [*library.notes, *notes]
    return content


def _columns(table: Table, options: ArchiveOptions) -> tuple[_Columns, list[str]]:
    chosen = {ours: column_key(name) for ours, name in options.labels.columns.items()}
    found = find_columns(table.columns, table.name, chosen)
    if fault := lacking(list(found.names.values()), ["diagnosis"], table.name):
        raise InputError(fault)
    person = next(name for name in PERSON if name in table.columns)
    path = next(name for name in PATH if name in table.columns)
    return _Columns(dict(found.names), person, path), found.notes


def _add(
    content: Content, row: Row, table: Table, columns: _Columns, options: CohortOptions
) -> None:
    name, written = row.text(columns.person), row.text(columns.path)
    path = None if written is None else _place(table.path.parent, written)
    if name is None or path is None:
        who = participant_label(name) if name else NOT_AVAILABLE
        reason = NO_PATH if written is None else NO_FILE
        reason = NO_ID if name is None else reason
        item = f"{table.name} line {row.line}"
        content.exclusions.append(Exclusion(who, NOT_AVAILABLE, reason, item))
        return
    facts = columns.known(row)
    day, code = row.day(*DAY), f"line {row.line}"
    written = facts.pop("session_id", None) or row.text(*SESSION)
    session = written or (session_of_day(day) if day else str(row.line))
    label = _label(facts.pop("diagnosis", None), options)
    content.images.append(
        Image(name, session, path, kind_of(path), when=day, visit=code, facts=facts)
    )
    content.people.setdefault(name, Person(name))
    content.visits.append(
        Visit(name, code, day, label, table.name, "as written", line=row.line)
    )


def _place(folder: Path, written: str) -> Path | None:
    """Find the file or folder of a row; None where there is none of that name."""
    try:
        path = path_from(folder, written)
    except InputError:
        return None
    return path if path.exists() else None


def _label(text: str | None, options: CohortOptions) -> str | None:
    """Read a diagnosis by its usual spellings, but for those that the user maps."""
    mapped = {key.casefold() for key in options.mapping}
    if text is None or is_code(text) or text.casefold() in mapped:
        return None if text is None or text.casefold() not in mapped else text
    usual = known_diagnosis(text)
    return text if usual is None else usual.value
