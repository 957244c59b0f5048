"""One row of a cohort made of an archive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from crosswarp.archives.choice import Chosen
from crosswarp.archives.matching import Match
from crosswarp.archives.naming import participant_label, session_label
from crosswarp.archives.records import Image, Person, Score, When, days_between
from crosswarp.bids.ids import NOT_AVAILABLE

DAYS_A_YEAR: Final = 365.25

OWN_COLUMNS: Final = (
    "path",
    "image_kind",
    "baseline_diagnosis",
    "education_years",
    "mmse",
    "cdr",
    "scanner",
    "scan_day",
    "label_table",
    "label_visit",
    "label_days",
    "label_rule",
    "t1_rule",
    "age_rule",
    "series_description",
    "image_id",
    "archive_participant",
    "archive_visit",
)
"""Columns behind those that every cohort has; facts of an archive of its own follow."""


@dataclass(frozen=True)
class Labelled:
    """A scan with its label.

    Attributes:
        chosen: T1 that was chosen.
        match: Its visit; one without a visit for labels that need none.
        label: Diagnosis of the scan.
        source: File that the label is from.
        rule: How it became the label.
    """

    chosen: Chosen
    match: Match
    label: str
    source: str
    rule: str


def make_row(
    one: Labelled, person: Person, scores: Sequence[Score] = (), window: int = 0
) -> dict[str, Any]:
    """Make the row of a scan.

    Args:
        one: The scan, its visit and its label.
        person: Participant of the scan.
        scores: Of the participant.
        window: Days that may lie between the scan and a score.

    Returns:
        Columns of `crosswarp.bids.cohort.COLUMNS` and `OWN_COLUMNS`; ``path`` is a
        path.
    """
    image, visit = one.chosen.image, one.match.visit
    near = near_scores(image.when, scores, window)
    at_visit = visit.facts if visit else {}
    facts = {**person.facts, **near, **at_visit, **image.facts}
    age, age_rule = age_at(image, person)
    row: dict[str, Any] = {
        "participant_id": participant_label(image.participant),
        "session_id": session_label(image.session),
        "diagnosis": one.label,
        **dict.fromkeys(OWN_COLUMNS, NOT_AVAILABLE),
        **facts,
    }
    days = one.match.days
    row |= {
        "age_years": age,
        "sex": person.sex or facts.get("sex") or NOT_AVAILABLE,
        "path": image.path,
        "image_kind": str(image.kind) if image.kind else NOT_AVAILABLE,
        "scan_day": NOT_AVAILABLE if image.when is None else str(image.when),
        "label_table": one.source or NOT_AVAILABLE,
        "label_visit": (visit.code if visit else "") or NOT_AVAILABLE,
        "label_days": NOT_AVAILABLE if days is None else str(days),
        "label_rule": one.rule or NOT_AVAILABLE,
        "t1_rule": one.chosen.rule,
        "age_rule": age_rule,
        "series_description": image.description or NOT_AVAILABLE,
        "image_id": image.image_id or NOT_AVAILABLE,
        "archive_participant": image.participant,
        "archive_visit": image.visit or NOT_AVAILABLE,
    }
    return row


def near_scores(
    when: When | None, scores: Sequence[Score], window: int
) -> dict[str, str]:
    """Return each score that is nearest to a day, within a window of days."""
    found: dict[str, tuple[int, str]] = {}
    for score in scores:
        days = None if when is None else days_between(when, score.when)
        if days is None or abs(days) > window:
            continue
        if score.name not in found or abs(days) < found[score.name][0]:
            found[score.name] = abs(days), score.value
    return {name: value for name, (_, value) in found.items()}


def age_at(image: Image, person: Person) -> tuple[str, str]:
    """Return the age at a scan in years, and how it is known.

    The age at entry and the days since are best; then the birth date; then what the
    archive gives with the image, often in whole years.
    """
    if person.entry is not None and image.when is not None:
        age, day = person.entry
        years = years_between(day, image.when)
        if years is not None:
            return f"{age + years:.2f}", "age at entry and the days since"
    if person.born is not None and isinstance(image.when, date):
        return f"{decimal_year(image.when) - person.born:.2f}", "birth date"
    if image.facts.get("age_years"):
        return image.facts["age_years"], "given with the image"
    return NOT_AVAILABLE, NOT_AVAILABLE


def years_between(one: When, other: When) -> float | None:
    """Count the years from one day to another; None of a date and a day of entry."""
    if isinstance(one, date) and isinstance(other, date):
        return (other - one).days / DAYS_A_YEAR
    if isinstance(one, int) and isinstance(other, int):
        return (other - one) / DAYS_A_YEAR
    return None


def decimal_year(day: date) -> float:
    """Write a day as a year with a fraction.

    Example:
        >>> round(decimal_year(date(2007, 7, 2)), 1)
        2007.5
    """
    return day.year + (day.timetuple().tm_yday - 1) / DAYS_A_YEAR
