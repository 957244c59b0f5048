"""NACC: UDS visits of the American Alzheimer's centres, and two kinds of MRI.

MRI of mixed protocols comes as one zip a session, named in the MRI table; SCAN comes
through the IDA. The diagnosis is that of the UDS visit nearest in time: the visit's
number in the MRI table is not it. About 6 % of imaged people have no UDS visit.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from crosswarp.archives.by_columns import (
    known_facts,
    need_table,
    sex_of,
    shown,
    table_with,
)
from crosswarp.archives.ida import read_images
from crosswarp.archives.ida_lists import read_lists
from crosswarp.archives.library import Library
from crosswarp.archives.nacc_images import Listed, read_mixed
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Content, Exclusion, Person, Visit
from crosswarp.archives.tables import Row, Table
from crosswarp.archives.tree import Item, Tree
from crosswarp.archives.uds import UDS_MISSING, YEARS_MISSING, label_of_nacc
from crosswarp.bids.ids import NOT_AVAILABLE

PERSON: Final = re.compile(r"NACC\d{6}", re.IGNORECASE)
MIDDLE_OF_MONTH: Final = 15
NO_PERSON: Final = "a row without an id of NACC (NACCnnnnnn)"

_TABLE: Final = re.compile(r"(?:investigator|commercial)_\w*nacc\d+", re.IGNORECASE)
_IDA_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}_\d{2}_\d{2}_\d{2}(?:\.\d+)?")
_WHERE: Final = (
    "Ask NACC for the UDS data file of your request"
    " (investigator_ftldlbd_nacc<NN>.csv) and put it beside the images"
)
_KEEP: Final = (
    *("NACCID", "NACCADC", "NACCVNUM", "VISITYR", "VISITMO", "VISITDAY", "NACCAGE"),
    *("SEX", "EDUC", "BIRTHMO", "BIRTHYR", "NACCUDSD", "NACCALZD", "NACCETPR"),
    *("CDRGLOB", "NACCMMSE"),
)
_KEEP_MRI: Final = (
    *("NACCID", "NACCMRFI", "MRIYR", "MRIMO", "MRIDY", "NACCMRIA"),
    *("MRIMANU", "MRIMODL"),
)
"""Not MRIFIELD: whether it holds codes or teslas differs; sidecars say it."""
_BEST_SCORE: Final = 30.0
"""Points of the MMSE; more are codes of why it is missing."""


def recognise(tree: Tree) -> str:
    """Say by what a tree is known as one of NACC; empty if it is not."""
    table = next((p.name for p in tree.tables if _TABLE.match(p.stem)), "")
    return f"a table called {table}" if table else ""


def read(tree: Tree, options: ArchiveOptions) -> Content:
    """Read the tables of NACC and sort its images.

    Raises:
        InputError: If there is no table of UDS visits.
    """
    library = Library(tree, ())
    usual = "investigator_ftldlbd_nacc<NN>.csv"
    columns = (("NACCID",), ("NACCUDSD",), ("VISITYR",))
    table = need_table(library, columns, usual, _WHERE, _KEEP)
    of_ida = [item for item in tree.images if _is_of_ida(item)]
    content = Content(notes=library.notes)
    if of_ida:
        scan = read_images(replace(tree, images=of_ida), read_lists(library), _person)
        content.images = scan.images
        content.exclusions = scan.exclusions
        content.notes += scan.notes
    _add_visits(content, table, options)
    mixed = [item for item in tree.images if not _is_of_ida(item)]
    read_mixed(content, tree, mixed, _listed(content, library))
    return content


def _is_of_ida(item: Item) -> bool:
    return any(_IDA_DAY.fullmatch(part) for part in item.path.parts[-4:])


def _person(name: str) -> str | None:
    return name.upper() if PERSON.fullmatch(name) else None


def _add_visits(content: Content, table: Table, options: ArchiveOptions) -> None:
    by_person: dict[str, list[Row]] = {}
    inexact = 0
    for row in table.rows:
        person = _person(row.text("naccid") or "")
        if person is None:
            item = f"{table.name} line {row.line}"
            content.exclusions.append(
                Exclusion(NOT_AVAILABLE, NOT_AVAILABLE, NO_PERSON, item)
            )
            continue
        by_person.setdefault(person, []).append(row)
        day = day_of(row, "visityr", "visitmo", "visitday")
        inexact += day.inexact
        label = label_of_nacc(row, options.dementia)
        number = row.code("naccvnum") or NOT_AVAILABLE
        content.visits.append(
            Visit(
                person,
                number,
                day.day,
                label.label,
                table.name,
                label.detail,
                _facts(row),
                label.reason,
                row.line,
            )
        )
    if inexact:
        content.notes.append(
            f"{inexact} UDS visit(s) without a day of the month: the"
            f" {MIDDLE_OF_MONTH}th was taken"
        )
    _add_people(content, by_person)


def _facts(row: Row) -> dict[str, str]:
    score = row.number("naccmmse", missing=YEARS_MISSING)
    has_score = score is not None and 0 <= score <= _BEST_SCORE
    return known_facts(
        cdr=shown(row.number("cdrglob", missing=UDS_MISSING)),
        mmse=shown(score) if has_score else None,
    )


def _add_people(content: Content, by_person: dict[str, list[Row]]) -> None:
    unclear = 0
    for person, rows in by_person.items():
        sex = sex_of(rows, "sex")
        births = {b for row in rows if (b := _born(row)) is not None}
        unclear += sex is None or len({int(birth) for birth in births}) > 1
        education = _first(rows, "educ")
        born = min(births) if len({int(birth) for birth in births}) == 1 else None
        site = next((c for r in rows if (c := r.code("naccadc"))), None)
        content.people[person] = Person(
            person,
            sex or "",
            born,
            entry=None if born is not None else _entry(rows),
            facts=known_facts(education_years=education, site=site),
        )
    if unclear:
        content.notes.append(
            f"{unclear} participant(s) whose sex or birth year differs between visits:"
            " what differs is taken as missing"
        )


def _first(rows: Iterable[Row], column: str) -> str:
    return next(
        (c for row in rows if (c := row.code(column, missing=YEARS_MISSING))), ""
    )


def _born(row: Row) -> float | None:
    year = row.number("birthyr", missing=YEARS_MISSING)
    month = row.number("birthmo", missing=YEARS_MISSING)
    return None if year is None or month is None else year + (month - 0.5) / 12


def _entry(rows: Iterable[Row]) -> tuple[float, date] | None:
    """Return the age at the first visit, in whole years, and its day."""
    known = [
        (day, age)
        for row in rows
        if (day := day_of(row, "visityr", "visitmo", "visitday").day)
        and (age := row.number("naccage", missing=YEARS_MISSING)) is not None
    ]
    if not known:
        return None
    day, age = min(known)
    return age, day


@dataclass(frozen=True)
class DayOf:
    """A day of three columns.

    Attributes:
        day: None where year or month is missing.
        inexact: Whether the day of the month is missing, and its middle was taken.
    """

    day: date | None
    inexact: bool = False


def day_of(row: Row, year: str, month: str, day: str) -> DayOf:
    """Read a day of three columns, with NACC's codes of missing values."""
    numbers = [row.number(name, missing=YEARS_MISSING) for name in (year, month, day)]
    if numbers[0] is None or numbers[1] is None:
        return DayOf(None)
    inexact = numbers[2] is None
    try:
        found = date(
            int(numbers[0]), int(numbers[1]), int(numbers[2] or MIDDLE_OF_MONTH)
        )
    except (ValueError, OverflowError):  # the latter for a year of 20 digits
        return DayOf(None)
    return DayOf(found, inexact)


def _listed(content: Content, library: Library) -> dict[str, Listed]:
    """Read the table of mixed MRI by the name of the zip, without its ending."""
    table = table_with(library, ("NACCID",), ("NACCMRFI",), keep=_KEEP_MRI)
    found: dict[str, Listed] = {}
    several = set()
    for row in table.rows if table else ():
        name = re.sub(r"\.zip$", "", (row.text("naccmrfi") or "").casefold())
        person = _person(row.text("naccid") or "")
        if not name or person is None:
            continue
        maker = (row.text("mrimanu"), row.text("mrimodl"))
        facts = known_facts(
            scanner=" ".join(
                text for text in maker if text and not text.strip("-").isdigit()
            ),
            age_years=row.code("naccmria", missing=YEARS_MISSING),
        )
        day = day_of(row, "mriyr", "mrimo", "mridy").day
        one = Listed(person, day, facts)
        if name in found and (found[name].participant, found[name].day) != (
            person,
            day,
        ):
            several.add(name)
        found.setdefault(name, one)
    for name in several:
        found[name] = replace(found[name], participant="")
    if several and table:
        content.notes.append(
            f"{table.name} gives {len(several)} zip(s) to several participants or days:"
            " they are left out"
        )
    return found
