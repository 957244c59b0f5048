"""Which visit a scan belongs to: the nearest one of the same participant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crosswarp.archives.records import Image, Visit, When, days_between

NO_VISITS: Final = "no clinical visit of the participant is known"
NO_DAY: Final = "the scan has no date, and no visit has its code"
NO_LABEL: Final = "no visit of the participant has a diagnosis"
OUTSIDE: Final = "no visit with a diagnosis lies in the window"
DISAGREE: Final = "visits of the same day have different diagnoses"


@dataclass(frozen=True)
class Match:
    """A visit for a scan.

    Attributes:
        visit: The visit; None if there is none.
        days: From the scan to the visit; None where it was matched by its code.
        tie: What another visit at the same distance says; empty if there is none.
        reason: Why there is no visit.
        detail: Numbers to the reason.
    """

    visit: Visit | None
    days: int | None = None
    tie: str = ""
    reason: str = ""
    detail: str = ""


def match_visit(
    image: Image, visits: Sequence[Visit], window: int, *, by_code: bool = False
) -> Match:
    """Match a scan with the visit whose diagnosis counts for it.

    The nearest visit that says something decides, also when it says why there is no
    label. Of two at the same distance the earlier one is taken.

    Args:
        image: Image of the scan.
        visits: Those of its participant alone.
        window: Most days between the two.
        by_code: The visit of the scan's own code comes before the nearest one.
    """
    telling = [one for one in visits if one.label is not None or one.why_none]
    if not telling:
        return Match(None, reason=NO_LABEL if visits else NO_VISITS)
    if by_code and (own := [one for one in telling if one.code == image.visit]):
        return _one_of(own, image.when)
    if image.when is None:
        return Match(None, reason=NO_DAY)
    return _nearest(image.when, telling, window)


def _nearest(when: When, visits: Sequence[Visit], window: int) -> Match:
    timed = []
    for visit in visits:
        days = None if visit.when is None else days_between(when, visit.when)
        if days is not None:
            timed.append((abs(days), days, visit))
    if not timed:
        return Match(None, reason=OUTSIDE, detail="no visit has a date")
    timed.sort(key=lambda one: one[:2])
    distance, days, visit = timed[0]
    if distance > window:
        detail = f"the nearest is {distance} days away, the window is {window}"
        return Match(None, reason=OUTSIDE, detail=detail)
    same_day = {_said(v) for _, d, v in timed if d == days}
    if len(same_day) > 1:
        return Match(None, days, reason=DISAGREE, detail=" and ".join(sorted(same_day)))
    other = next((v for a, d, v in timed if a == distance and d != days), None)
    differs = other is not None and _said(other) != _said(visit)
    tie = f"{_said(other)} {distance} days after" if other and differs else ""
    return Match(visit, days, tie)


def _one_of(own: Sequence[Visit], when: When | None) -> Match:
    said = {_said(visit) for visit in own}
    if len(said) > 1:
        return Match(None, reason=DISAGREE, detail=" and ".join(sorted(said)))
    day = own[0].when
    days = None if when is None or day is None else days_between(when, day)
    return Match(own[0], days)


def _said(visit: Visit) -> str:
    return visit.label or visit.why_none
