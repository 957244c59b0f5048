"""ADNI's visits: diagnoses of DXSUM and ADNIMERGE, days of REGISTRY, scores."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from crosswarp.archives.adni_codes import (
    NO_TIME_POINT,
    diagnosis_of,
    diagnosis_of_word,
    is_known_visit,
    ptid_of,
    rid_of,
    was_done,
)
from crosswarp.archives.library import Library
from crosswarp.archives.naming import participant_label
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Exclusion, Score, Visit
from crosswarp.archives.tables import Row, Table
from crosswarp.bids.ids import NOT_AVAILABLE

DXSUM: Final = ("DXSUM", "DXSUM_PDXCONV_ADNIALL", "DXSUM_PDXCONV")
_SCORES: Final = {"MMSE": ("mmse", "mmscore"), "CDR": ("cdr", "cdglobal")}
_DAYS: Final = ("examdate", "visdate")

Key = tuple[str, str, str]
"""RID, phase, and VISCODE as it is written in that phase."""


@dataclass
class Clinic:
    """What the clinical tables say.

    Attributes:
        ptids: PTID by RID.
        visits: With and without a diagnosis.
        scores: Scores of each participant.
        exclusions: Rows that are not used.
        notes: Sentences for the terminal.
        days: Day of a visit that REGISTRY gives.
        missed: Visits that did not take place.
    """

    ptids: dict[str, str] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    scores: dict[str, list[Score]] = field(default_factory=lambda: defaultdict(list))
    exclusions: list[Exclusion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    days: dict[Key, date] = field(default_factory=dict)
    missed: set[Key] = field(default_factory=set)

    def ptid(self, row: Row) -> str | None:
        """Return whose a row is; tables of the first years have the RID alone."""
        written = row.text("ptid", "subject_id", "subject")
        if written is not None and (found := ptid_of(written)) is not None:
            return found
        rid = row.code("rid")
        return self.ptids.get(rid) if rid else None

    def left_out(
        self, row: Row, table: str, ptid: str | None, reason: str, detail: str = ""
    ) -> None:
        """List a row that is not used."""
        who = participant_label(ptid) if ptid else NOT_AVAILABLE
        item = f"{table} line {row.line}"
        self.exclusions.append(Exclusion(who, NOT_AVAILABLE, reason, item, detail))


def read_clinic(library: Library, options: ArchiveOptions) -> Clinic:
    """Read the clinical tables of ADNI, of whichever generation."""
    clinic = Clinic()
    for name in (*DXSUM, "REGISTRY", "ADNIMERGE", "ROSTER", "PTDEMOG"):
        table = library.find(name)
        for row in table.rows if table else []:
            _learn_id(row, clinic)
    registry = library.find("REGISTRY")
    for row in registry.rows if registry else []:
        _add_registered(row, clinic)
    diagnoses = next((t for name in DXSUM if (t := library.find(name))), None)
    merged = library.find("ADNIMERGE")
    if diagnoses is not None:
        _add_diagnoses(diagnoses, clinic, options, merged)
    if merged is not None:
        _add_merged(merged, clinic)
    for name, (score, column) in _SCORES.items():
        _add_scores(library.find(name), score, column, clinic)
    return clinic


def _learn_id(row: Row, clinic: Clinic) -> None:
    ptid = ptid_of(row.text("ptid", "subject_id") or "")
    if ptid is not None:
        clinic.ptids.setdefault(row.code("rid") or rid_of(ptid), ptid)


def _key(row: Row, code: str | None = None) -> Key:
    phase = (row.text("phase", "colprot") or "").upper().replace(" ", "")
    return row.code("rid") or "", phase, code or (row.text("viscode") or "").lower()


def _add_registered(row: Row, clinic: Clinic) -> None:
    key = _key(row)
    if not was_done(row):
        clinic.missed.add(key)
    elif (day := row.day(*_DAYS)) is not None:
        clinic.days.setdefault(key, day)


def _merged_days(merged: Table | None) -> dict[tuple[str, str], date]:
    """Index the days of ADNIMERGE by RID and VISCODE2."""
    found = {}
    for row in merged.rows if merged else []:
        if (day := row.day("examdate")) is not None:
            found[row.code("rid") or "", _months(row.text("viscode"))] = day
    return found


def _months(code: str | None) -> str:
    plain = (code or "").lower()
    return {"m0": "bl", "m00": "bl"}.get(plain, plain)


def _add_diagnoses(
    table: Table, clinic: Clinic, options: ArchiveOptions, merged: Table | None
) -> None:
    others = _merged_days(merged)
    unknown: Counter[str] = Counter()
    for row in table.rows:
        ptid, code = clinic.ptid(row), (row.text("viscode") or "").lower()
        label, rule = diagnosis_of(row, options.dementia)
        if reason := _why_no_visit(ptid, code, _key(row) in clinic.missed):
            clinic.left_out(row, table.name, ptid, reason, f"visit {code}")
            continue
        if not is_known_visit(code):
            unknown[code] += 1
        second = _months(row.text("viscode2") or code)
        day = row.day(*_DAYS) or clinic.days.get(_key(row))
        day = day or others.get((row.code("rid") or "", second))
        clinic.visits.append(
            Visit(
                ptid or "",
                _both(code, second),
                day,
                label.label,
                table.name,
                rule,
                why_none=label.reason,
                line=row.line,
            )
        )
    if unknown:
        listed = ", ".join(sorted(unknown))
        clinic.notes.append(
            f"{table.name}: unknown visit codes ({listed}) in {unknown.total()} row(s);"
            " their days count"
        )


def _why_no_visit(ptid: str | None, code: str, missed: bool) -> str:
    if ptid is None:
        return "a row without a participant's id"
    if code in NO_TIME_POINT:
        return "no visit in time by its code"
    return "a visit that was not done (REGISTRY)" if missed else ""


def _both(code: str, second: str) -> str:
    return code if second in {"", code} else f"{code} ({second})"


def _add_merged(table: Table, clinic: Clinic) -> None:
    """Add the visits that ADNIMERGE has beyond DXSUM, and say where they disagree."""
    by_day, by_code = _told(clinic.visits)
    disagree = 0
    for row in table.rows:
        ptid, code = clinic.ptid(row), _months(row.text("viscode"))
        if ptid is None:
            clinic.left_out(row, table.name, None, "a row without a participant's id")
            continue
        text, day = row.text("dx"), row.day("examdate")
        _keep_scores(row, table.name, clinic, ptid, day)
        label = diagnosis_of_word(text)
        there = by_code.get((ptid, code)) or (by_day.get((ptid, day)) if day else None)
        if there is None:
            rule = f"DX {text}" if text else ""
            visit = Visit(ptid, code, day, label, table.name, rule, line=row.line)
            clinic.visits.append(visit)
        elif label is not None and there.label not in {None, label}:
            disagree += 1
            reason = "another diagnosis than in DXSUM, which counts"
            detail = f"{label}, DXSUM: {there.label}"
            clinic.left_out(row, table.name, ptid, reason, detail)
    if disagree:
        clinic.notes.append(
            f"{table.name} and DXSUM disagree on {disagree} visit(s): DXSUM counts"
        )


def _told(
    visits: list[Visit],
) -> tuple[dict[tuple[str, date], Visit], dict[tuple[str, str], Visit]]:
    """Index the visits that say something by their day and by months since baseline."""
    by_day: dict[tuple[str, date], Visit] = {}
    by_code: dict[tuple[str, str], Visit] = {}
    for visit in visits:
        if visit.label is None and not visit.why_none:
            continue
        if isinstance(visit.when, date):
            by_day[visit.participant, visit.when] = visit
        second = visit.code.rpartition("(")[2].rstrip(")")
        by_code[visit.participant, second] = visit
    return by_day, by_code


def _keep_scores(
    row: Row, table: str, clinic: Clinic, ptid: str, day: date | None
) -> None:
    value = row.number("mmse")
    if value is not None and day is not None:
        clinic.scores[ptid].append(Score("mmse", day, f"{value:g}", table))


def _add_scores(table: Table | None, score: str, column: str, clinic: Clinic) -> None:
    for row in table.rows if table else []:
        ptid, value = clinic.ptid(row), row.number(column)
        day = row.day(*_DAYS) or clinic.days.get(_key(row))
        if ptid is not None and value is not None and day is not None and table:
            found = Score(score, day, f"{value:g}", table.name)
            clinic.scores[ptid].append(found)
