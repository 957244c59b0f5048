"""How the answer changes between the sessions of one person."""

import math
import re
from collections import defaultdict
from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any, Final, TypeVar

from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.sessions import session_key
from crosswarp.study.findings import Changes, SessionChange

Key = TypeVar("Key", bound=Hashable)

YEAR: Final = 365.25
"""Days."""

LEAST_YEARS: Final = 0.25
"""Years between sessions below which no change per year is given."""

_DATE: Final = re.compile(r"ses-((?:19|20)\d{6})(?!\d)")
_DAY: Final = re.compile(r"ses-d(\d{4,5})")


def changes_in(answers: Mapping[Key, Mapping[str, Any]]) -> dict[Key, Changes]:
    """Compare each person's later sessions with the first, by the same networks.

    Days are those between dates in the names of sessions (``ses-20060418…``) or since
    the first visit (``ses-d0129``); years are those days, or the difference of ages.

    Args:
        answers: Content of the answers' files, by any key; no refusals.

    Returns:
        The changes of the person, by the key of each of their answers; none for
        somebody with one answer.
    """
    people: dict[tuple[Any, ...], list[Key]] = defaultdict(list)
    for key, found in answers.items():
        names = ("participant_id", "model", "bundle_fingerprint")
        people[tuple(found[name] for name in names)].append(key)
    changes: dict[Key, Changes] = {}
    for keys in people.values():
        if len(keys) > 1:
            said = _changes([answers[key] for key in keys])
            changes |= dict.fromkeys(keys, said)
    return changes


def _changes(answers: list[Mapping[str, Any]]) -> Changes:
    """Compare the answers for one person, in the order of time."""
    days = [_day(str(each["session_id"])) for each in answers]
    ages = [each.get("age_years") for each in answers]
    times: tuple[list[Any], ...] = (days, ages, [0] * len(answers))
    known = next(each for each in times if None not in each)
    timed = sorted(
        zip(known, days, answers, strict=True),
        key=lambda each: (each[0], session_key(each[2]["session_id"])),
    )
    (_, day, first), *rest = timed
    return Changes(
        positive=list(first["probabilities"])[-1],
        sessions=tuple(
            _change(
                first,
                later,
                None if day is None or then is None else then - day,
            )
            for _, then, later in rest
        ),
    )


def _change(
    first: Mapping[str, Any], later: Mapping[str, Any], days: int | None
) -> SessionChange:
    before, after = (_probability(each) for each in (first, later))
    probability, log_odds = after - before, _logit(after) - _logit(before)
    years = _aged(first, later) if days is None else days / YEAR
    long = None if years is None or years < LEAST_YEARS else years
    return SessionChange(
        first=first["session_id"] or NOT_AVAILABLE,
        later=later["session_id"] or NOT_AVAILABLE,
        probability=round(probability, 6),
        log_odds=round(log_odds, 4),
        days=days,
        years=None if years is None else round(years, 3),
        probability_per_year=None if long is None else round(probability / long, 6),
        log_odds_per_year=None if long is None else round(log_odds / long, 4),
    )


def _aged(first: Mapping[str, Any], later: Mapping[str, Any]) -> float | None:
    before, after = first.get("age_years"), later.get("age_years")
    return None if before is None or after is None else after - before


def _probability(found: Mapping[str, Any]) -> float:
    """Read the probability of the positive class, which is the last one."""
    return float(list(found["probabilities"].values())[-1]["mean"])


def _logit(probability: float) -> float:
    # Probabilities are kept with six digits.
    inside = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(inside / (1 - inside))


def _day(session: str) -> int | None:
    """Return the day of a session, where its name says it; the zero is arbitrary."""
    if found := _DAY.fullmatch(session):
        return int(found[1])
    if found := _DATE.match(session):
        try:
            return date.fromisoformat(found[1]).toordinal()
        except ValueError:
            return None
    return None
