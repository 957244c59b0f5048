"""Clinical tables of OASIS-3, of both generations, told by their columns."""

import re
from collections import defaultdict
from typing import Final

from crosswarp.archives.by_columns import known_facts, sex_of, shown, table_with
from crosswarp.archives.library import Library
from crosswarp.archives.oasis3_labels import label_of_dx1
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Content, Exclusion, Person, Visit
from crosswarp.archives.rules import Label, label_of_cdr
from crosswarp.archives.sessions import with_rule
from crosswarp.archives.tables import Row, Table
from crosswarp.archives.uds import UDS_MISSING, YEARS_MISSING, label_of_d1
from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.matching import some
from crosswarp.errors import InputError

PERSON: Final = ("OASISID", "Subject", "oasis_id", "subject_id")
RULES: Final = ("dx1", "d1", "cdr")
"""Where a label may come from: ``--set label=d1``."""

NO_DAY: Final = "a visit without a day since entry"
NO_PERSON: Final = "a row without an id of OASIS (OAS3NNNN)"

_KEYS: Final = ("oasisid", "subject", "oasis_id", "subject_id")
_LABELS: Final = ("oasis_session_label", "adrc_adrcclinicaldata_id", "label")
_DAY: Final = re.compile(r"_d(-?\d+)$")
_ID: Final = re.compile(r"OAS[34]\d{4}", re.IGNORECASE)
_WHERE: Final = (
    "Download the data files of OASIS-3 (OASIS3_UDSb4_cdr.csv,"
    " OASIS3_UDSd1_diagnoses.csv, OASIS3_demographics.csv) from NITRC-IR: they are the"
    " session OASIS3_data_files of the subject 0AS_data_files"
)
_OLDEST: Final = 30.0
"""Points of the MMSE; more are codes of why it is missing."""

Key = tuple[str, int]


def add_clinical(content: Content, library: Library, options: ArchiveOptions) -> None:
    """Read visits and people.

    Raises:
        InputError: If no table of visits is there.
    """
    rule = options.settings.get("label", RULES[0])
    ratings = table_with(library, PERSON, ("CDRTOT",), ("dx1",))
    forms = table_with(library, PERSON, ("NORMCOG",), ("DEMENTED",))
    before = table_with(library, ("ADRC_ADRCCLINICALDATA ID",), ("cdr",), ("dx1",))
    if ratings is None and forms is None and before is None:
        there = some((path.name for path in library.tree.tables), 10)
        msg = (
            f"{library.tree.root} has no clinical table of OASIS-3; it has"
            f" {there or 'no table at all'}. {_WHERE}"
        )
        raise InputError(msg)
    if ratings is None and forms is None:
        ratings = before
    elif before is not None:
        content.notes.append(
            f"{before.name} is of the generation until 2022 and not used: newer tables"
            " are there"
        )
    used = " and ".join(table.name for table in (ratings, forms) if table)
    content.notes.append(f"labels are from {used}, rule {rule!r} (--set label=…)")
    _add_visits(content, ratings, forms, options, rule)
    _add_people(content, library, before)


def _add_visits(
    content: Content,
    ratings: Table | None,
    forms: Table | None,
    options: ArchiveOptions,
    rule: str,
) -> None:
    by_form = dict(_rows(content, forms))
    differ = 0
    for key, row in _rows(content, ratings):
        form = by_form.pop(key, None)
        of_form = label_of_d1(form, options.dementia) if form else Label(None)
        found = _of_rating(row, options, rule)
        differ += bool(found.label and of_form.label and found.label != of_form.label)
        table = ratings
        if rule == "d1" or not (found.label or found.reason):
            found, table = of_form, forms
        if ratings is not None:
            content.visits.append(_visit(key, row, found, (table or ratings).name))
    for key, form in by_form.items():
        # A form without a rating on its day.
        if forms is not None and rule != "cdr":
            label = label_of_d1(form, options.dementia)
            content.visits.append(_visit(key, form, label, forms.name))
    if differ:
        content.notes.append(
            f"{differ} visit(s) whose form D1 says otherwise than the rule {rule!r}"
        )


def _of_rating(row: Row, options: ArchiveOptions, rule: str) -> Label:
    cdr = row.number("cdrtot", "cdr", missing=UDS_MISSING)
    if rule != "cdr":
        return label_of_dx1(row.text("dx1"), cdr, options.dementia)
    # One without a rating says nothing, so that the next nearest visit counts.
    return (
        Label(None)
        if cdr is None
        else with_rule(label_of_cdr(cdr, options.cdr), cdr, options)
    )


def _rows(content: Content, table: Table | None) -> list[tuple[Key, Row]]:
    """List the rows of visits with participant and day; others are left out."""
    found = []
    for row in table.rows if table else ():
        item = f"{table.name if table else ''} line {row.line}"
        person = (row.text(*_KEYS) or "").upper()
        if not _ID.fullmatch(person):
            content.exclusions.append(
                Exclusion(NOT_AVAILABLE, NOT_AVAILABLE, NO_PERSON, item)
            )
            continue
        day = _day_of(row)
        if day is None:
            content.exclusions.append(
                Exclusion(f"sub-{person}", NOT_AVAILABLE, NO_DAY, item)
            )
            continue
        found.append(((person, day), row))
    return found


def _day_of(row: Row) -> int | None:
    """Days since entry: ``0339``, ``339``, or the end of the visit's label."""
    number = row.number("days_to_visit", missing=())
    if number is not None:
        return int(number)
    named = _DAY.search(row.text(*_LABELS) or "")
    return int(named[1]) if named else None


def _visit(key: Key, row: Row, label: Label, table: str) -> Visit:
    person, day = key
    score = row.number("mmse", missing=YEARS_MISSING)
    facts = known_facts(
        mmse=shown(score if score is not None and 0 <= score <= _OLDEST else None),
        cdr=shown(row.number("cdrtot", "cdr", missing=UDS_MISSING)),
    )
    return Visit(
        person,
        f"d{day:04d}",
        day,
        label.label,
        table,
        label.detail,
        facts,
        label.reason,
        row.line,
    )


def _add_people(content: Content, library: Library, before: Table | None) -> None:
    table = table_with(library, PERSON, ("AgeatEntry",), ("GENDER",))
    if table is None:
        table = table_with(library, ("Subject",), ("M/F",), ("Education", "Hand"))
    entry = _ages_before(before)
    by_person: dict[str, list[Row]] = defaultdict(list)
    for row in table.rows if table else ():
        person = (row.text(*_KEYS) or "").upper()
        if _ID.fullmatch(person):
            by_person[person].append(row)
    unclear = 0
    for person in by_person.keys() | entry.keys():
        rows = by_person[person]
        sex = sex_of(rows, "gender", "m_f")
        unclear += sex is None
        age = next((n for row in rows if (n := row.number("ageatentry"))), None)
        age = age if age is not None else entry.get(person)
        years = (row.code("educ", "education", missing=YEARS_MISSING) for row in rows)
        content.people[person] = Person(
            person,
            sex or "",
            entry=None if age is None else (age, 0),
            facts=known_facts(education_years=next((y for y in years if y), "")),
        )
    if unclear:
        content.notes.append(
            f"{unclear} participant(s) whose sex differs between rows: taken as missing"
        )


def _ages_before(table: Table | None) -> dict[str, float]:
    """Read ages at entry from the clinical table until 2022."""
    ages: dict[str, float] = {}
    for row in table.rows if table else ():
        age = row.number("ageatentry")
        if age is not None:
            ages.setdefault((row.text(*_KEYS) or "").upper(), age)
    return ages


def mr_facts(library: Library) -> dict[str, dict[str, str]]:
    """Read field strength and scanner by the label of the session."""
    facts: dict[str, dict[str, str]] = defaultdict(dict)
    scans = table_with(library, ("label",), ("MagneticFieldStrength",))
    for row in scans.rows if scans else ():
        maker = (row.text("manufacturer"), row.text("manufacturersmodelname"))
        facts[_session(row)] |= known_facts(
            field_strength_t=row.code("magneticfieldstrength"),
            scanner=" ".join(text for text in maker if text),
        )
    sessions = table_with(library, ("MR ID", "Label"), ("Scanner",), ("Subject",))
    for row in sessions.rows if sessions else ():
        field = re.fullmatch(r"([\d.]+)\s*T?", row.text("scanner") or "", re.IGNORECASE)
        if field:
            strength = f"{float(field[1]):g}"
            facts[_session(row)].setdefault("field_strength_t", strength)
    return facts


def _session(row: Row) -> str:
    """Write the label of a session with four digits, as its folder has it."""
    found = re.fullmatch(r"(OAS\d+)_MR_d(\d+)", row.text("label", "mr_id") or "")
    return f"{found[1]}_MR_d{int(found[2]):04d}" if found else ""
