"""ADNI's participants: sex, birth, education, group of enrolment, baseline."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from crosswarp.archives.adni_codes import WORDS, diagnosis_of_word
from crosswarp.archives.adni_visits import Clinic
from crosswarp.archives.library import Library
from crosswarp.archives.naming import participant_label
from crosswarp.archives.records import Exclusion, Person
from crosswarp.archives.tables import Row
from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.values import SEXES

_SEX: Final = {"1": "M", "2": "F"}
_MONTH_YEAR: Final = re.compile(r"(?:(\d{1,2})?/)?(?:\d{1,2}/)?((?:18|19|20)\d{2})")
MID_YEAR: Final = 0.5
DIFFERING_SEX = "sex differs between rows of the participant; it is not used"
DIFFERING_BIRTH = "birth date differs between rows of the participant; not used"


@dataclass
class _Known:
    """What rows say of a participant, in their order."""

    sexes: dict[str, str] = field(default_factory=dict)
    births: dict[float, str] = field(default_factory=dict)
    education: str = ""
    group: str = ""
    entry: tuple[float, date] | None = None
    baseline: str | None = None
    baseline_from: str = ""


def read_people(
    library: Library, clinic: Clinic, groups: dict[str, str]
) -> tuple[dict[str, Person], list[Exclusion]]:
    """Put together what tables say of each participant.

    Args:
        library: Tables of the download.
        clinic: With the PTID of each RID; told of rows that contradict each other.
        groups: Group of enrolment by participant, as lists of images give it.

    Returns:
        People by PTID, and the facts that are not used since they contradict.
    """
    known: dict[str, _Known] = {}
    excluded: list[Exclusion] = []
    for name in ("PTDEMOG", "ADNIMERGE", "Study_Entry", "My_Table"):
        table = library.find(name)
        for row in table.rows if table else []:
            ptid = clinic.ptid(row)
            if ptid is not None and table is not None:
                one = known.setdefault(ptid, _Known())
                _add(one, row, f"{table.name} line {row.line}")
    people = {}
    for ptid in {*known, *groups, *clinic.ptids.values()}:
        one = known.get(ptid, _Known())
        people[ptid] = _person(ptid, one, groups.get(ptid, ""))
        for reason, values in (
            (DIFFERING_SEX, one.sexes),
            (DIFFERING_BIRTH, _far(one.births)),
        ):
            if len(values) > 1:
                excluded.append(_differing(ptid, reason, list(values.values())))
    return people, excluded


def _add(one: _Known, row: Row, place: str) -> None:
    sex = row.code("ptgender")
    if sex and (read := _SEX.get(sex) or SEXES.get(sex.casefold())):
        one.sexes.setdefault(read, place)
    if (born := birth_of(row)) is not None:
        one.births.setdefault(born, place)
    one.education = one.education or row.code("pteducat") or ""
    group = row.text("entry_research_group", "dx_bl")
    one.group = one.group or (group or "")
    _add_entry(one, row, place)


def _add_entry(one: _Known, row: Row, place: str) -> None:
    """Take the age at entry with its day; AGE of ADNIMERGE is that in every row."""
    age, day = row.number("entry_age", "age"), row.day("entry_date", "examdate_bl")
    if age is not None and day is not None and one.entry is None:
        one.entry = age, day
    if one.baseline is None and (text := row.text("dx_bl")) is not None:
        one.baseline = diagnosis_of_word(text)
        one.baseline_from = f"DX_bl {text}, {place.partition(' line')[0]}"


def birth_of(row: Row) -> float | None:
    """Return a birth date as a year with a fraction: in the middle of what is known.

    PTDOB holds a month and a year, in ADNI GO PTDOBMM and PTDOBYY instead; AIBL's
    ``/1932`` is a year alone.
    """
    found = _MONTH_YEAR.fullmatch(row.text("ptdob") or "")
    if found:
        month, year = found[1], float(found[2])
    else:
        number = row.number("ptdobyy")
        month, year = row.code("ptdobmm"), 0.0 if number is None else number
    if year <= 0:
        return None
    if month is None or not month.isdecimal():
        return year + MID_YEAR
    return year + (int(month) - MID_YEAR) / 12


def _far(births: dict[float, str]) -> dict[float, str]:
    """Keep birth dates that are more than a year apart: two precisions are none."""
    return births if births and max(births) - min(births) > 1 else {}


def _person(ptid: str, one: _Known, group: str) -> Person:
    facts = {"site": ptid.partition("_")[0]}
    if one.education:
        facts["education_years"] = one.education
    births = list(one.births)
    far = bool(_far(one.births))
    written = WORDS.get(one.group.casefold()) or WORDS.get(group.casefold(), "")
    return Person(
        ptid,
        sex=NOT_AVAILABLE if len(one.sexes) > 1 else next(iter(one.sexes), ""),
        born=births[0] if births and not far else None,
        entry=one.entry,
        group=written,
        baseline=one.baseline,
        baseline_from=one.baseline_from,
        facts=facts,
    )


def _differing(ptid: str, reason: str, places: list[str]) -> Exclusion:
    who = participant_label(ptid)
    return Exclusion(who, NOT_AVAILABLE, reason, places[1], f"first: {places[0]}")
