"""AIBL: images of the IDA, and the tables ``aibl_<table>_01-Jun-2018.csv``.

The list of images calls everyone ``Patient``; the diagnosis is in pdxconv alone, which
has no dates: the day of a visit is that of its MRI, else of its tests.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Final

from crosswarp.archives.adni_codes import OUTSIDE_CODES, STAGES
from crosswarp.archives.adni_people import birth_of
from crosswarp.archives.days import split_dated
from crosswarp.archives.ida import read_images
from crosswarp.archives.ida_lists import read_lists
from crosswarp.archives.library import Library
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Content, Image, Person, Score, Visit
from crosswarp.archives.tree import Tree

WINDOW: Final = 180
"""Days: visits are eighteen months apart."""

TABLES: Final = (
    *("pdxconv", "ptdemog", "mri3meta", "mrimeta", "mmse", "cdr", "neurobat"),
    *("registry", "visits", "apoeres", "medhist", "labdata"),
)
_FIELDS: Final = {"mri3meta": "3", "mrimeta": "1.5"}
"""Tesla: which table a row is in tells the field strength."""
_DATED: Final = (*_FIELDS, "mmse", "cdr", "neurobat", "registry")
"""Tables with a day of a visit, the best first."""

_SCORES: Final = {"mmse": "mmscore", "cdr": "cdglobal"}
_SEX: Final = {"1": "M", "2": "F"}
_NOT_GIVEN: Final = "0"
_SAME_SCAN: Final = 1
"""Days between a scan and the row of its scanner."""
_WHERE: Final = (
    "It is in the zip of AIBL's clinical data (aibl_…/Data_extract_…) at"
    " ida.loni.usc.edu; the Group of the list of images is no diagnosis"
)


def recognise(tree: Tree) -> str:
    """Say by what a tree is known as AIBL; empty if it is not."""
    for path in tree.tables:
        stem = split_dated(path.stem)[0].casefold()
        if stem.startswith("aibl_") and stem.removeprefix("aibl_") in TABLES:
            return f"its table {path.name}"
    return "its folder AIBL" if "AIBL" in tree.folders else ""


def read(tree: Tree, options: ArchiveOptions) -> Content:
    """Read AIBL's tables and sort its images.

    Raises:
        InputError: If there is no pdxconv.
    """
    library = Library(tree, TABLES)
    days = _days(library)
    content = read_images(tree, read_lists(library), rid_of)
    content.visits = _visits(library, days)
    content.people = _people(library)
    content.scores = _scores(library)
    fields = _field_days(library)
    content.images = [_with_field(image, fields) for image in content.images]
    content.notes += library.notes
    if options.diagnosis == "group":
        content.notes.append("AIBL has no group of enrolment: Group is Patient for all")
    content.window = WINDOW
    return content


def rid_of(text: str) -> str | None:
    """Return the RID that a folder is named after; None where it is none.

    Example:
        >>> rid_of("1607"), rid_of("0151083"), rid_of("AIBL")
        ('1607', None, None)
    """
    plain = text.strip()
    return plain if plain.isdecimal() and str(int(plain)) == plain else None


def _days(library: Library) -> dict[tuple[str, str], tuple[date, str]]:
    """Index the day of each visit, with the table that it is from."""
    found: dict[tuple[str, str], tuple[date, str]] = {}
    for name in _DATED:
        table = library.find(name)
        for row in table.rows if table else []:
            day = row.day("examdate")
            if day is not None and row.code("mmsmprage") != "0":
                key = row.code("rid") or "", (row.text("viscode") or "").lower()
                found.setdefault(key, (day, name))
    return found


def _visits(
    library: Library, days: dict[tuple[str, str], tuple[date, str]]
) -> list[Visit]:
    table = library.need("pdxconv", _WHERE)
    visits = []
    for row in table.rows:
        rid, code = row.code("rid") or "", (row.text("viscode") or "").lower()
        written = row.code("dxcurren")
        label = STAGES.get(written or "")
        missing = written in {None, _NOT_GIVEN}
        when, source = days.get((rid, code), (None, ""))
        rule = "" if missing else f"DXCURREN {written}, day of {source or 'no table'}"
        visits.append(
            Visit(
                rid,
                code,
                when,
                label,
                table.name,
                rule,
                why_none="" if label or missing else OUTSIDE_CODES,
                line=row.line,
            )
        )
    return visits


def _people(library: Library) -> dict[str, Person]:
    people: dict[str, Person] = {}
    sites: dict[str, str] = {}
    for row in library.need("pdxconv", _WHERE).rows:
        if (site := row.code("siteid")) is not None:
            sites.setdefault(row.code("rid") or "", site)
    table = library.find("ptdemog")
    for row in table.rows if table else []:
        rid = row.code("rid") or ""
        facts = {"site": sites[rid]} if rid in sites else {}
        sex = _SEX.get(row.code("ptgender") or "", "")
        people.setdefault(rid, Person(rid, sex, birth_of(row), facts=facts))
    rest = {rid: Person(rid, facts={"site": site}) for rid, site in sites.items()}
    return rest | people


def _scores(library: Library) -> dict[str, list[Score]]:
    scores: dict[str, list[Score]] = defaultdict(list)
    for name, column in _SCORES.items():
        table = library.find(name)
        for row in table.rows if table else []:
            value, day = row.number(column), row.day("examdate")
            if value is not None and day is not None and table is not None:
                one = Score(name, day, f"{value:g}", table.name)
                scores[row.code("rid") or ""].append(one)
    return scores


def _field_days(library: Library) -> dict[str, list[tuple[date, str]]]:
    """Return the days of each participant's scans with their field strength."""
    found: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for name, tesla in _FIELDS.items():
        table = library.find(name)
        for row in table.rows if table else []:
            if (day := row.day("examdate")) is not None:
                found[row.code("rid") or ""].append((day, tesla))
    return found


def _with_field(image: Image, fields: dict[str, list[tuple[date, str]]]) -> Image:
    """Add the field strength where one scanner alone was used on the day."""
    when = image.when
    if "field_strength_t" in image.facts or not isinstance(when, date):
        return image
    near = {
        tesla
        for day, tesla in fields.get(image.participant, [])
        if abs((day - when).days) <= _SAME_SCAN
    }
    if len(near) != 1:
        return image
    return replace(image, facts={**image.facts, "field_strength_t": near.pop()})
