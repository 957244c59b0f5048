"""When the scans of a person were taken: from tables, sidecars or session labels."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.archives.days import parse_day
from crosswarp.bids.columns import SYNONYMS
from crosswarp.bids.ids import ScanId
from crosswarp.bids.matching import bare
from crosswarp.bids.sessions import FIRST_LABELS, session_key
from crosswarp.bids.shared_sessions import SESSIONS
from crosswarp.bids.tables import read_text_table
from crosswarp.bids.values import finite_number, known
from crosswarp.errors import InputError

DAYS: Final = 365.25
"""Days of a year."""

LONGEST_YEARS: Final = 60.0
"""Between two scans of one person; more is an error of the table."""

Reader = Callable[[str], float | None]


def _years_of_day(text: str) -> float | None:
    day = parse_day(text)
    return None if day is None else day.toordinal() / DAYS


def _years_of_months(text: str) -> float | None:
    months = finite_number(text)
    return None if months is None else months / 12


KINDS: Final[Mapping[str, tuple[tuple[str, ...], Reader]]] = {
    "acquisition date": (
        ("acq_time", "scan_date", "acq_date", "acquisition_date", "date"),
        _years_of_day,
    ),
    "age": (SYNONYMS["age_years"], finite_number),
    "months": (("months", "month", "months_from_baseline"), _years_of_months),
}
"""What a table may say of the time of a scan, the best first: columns, and how a cell
becomes years."""

FROM_LABEL: Final = "session label"
"""Of the months that a label counts: ``ses-M12``."""

_MONTHS: Final = re.compile(r"m(\d{1,3})|(\d{1,3})mo")


@dataclass(frozen=True)
class Timing:
    """When the sessions of a person were.

    Attributes:
        years: Time of each session since any fixed day; empty when nothing is known.
        source: Kind of what says so, as in `KINDS`, or `FROM_LABEL`; empty likewise.
    """

    years: Mapping[ScanId, float]
    source: str

    def between(self, first: ScanId, later: ScanId) -> float | None:
        """Years from one session to another; None when they are not known."""
        if not self.years:
            return None
        return self.years[later] - self.years[first]


class SessionTimes:
    """All tables that say when sessions were.

    Args:
        root: Root folder of a BIDS data set; None where the scans are none.
        tables: Tables with a row a session, the first of which comes first: that of
            the user, and that of a cohort.

    Raises:
        InputError: If one of ``tables`` cannot be read or lacks a column.
    """

    def __init__(self, root: Path | None, tables: Sequence[Path] = ()) -> None:
        self._root = root
        self._said: list[dict[tuple[str, str], dict[str, float]]] = []
        for path in tables:
            self._said.append(_said_by(_checked(path), None))
        if root is not None and (root / SESSIONS).is_file():
            self._said.append(_said_by(_tolerated(root / SESSIONS), None))

    def of(self, sessions: Sequence[ScanId]) -> Timing:
        """Find the times of all sessions of one person, by one kind of source.

        Args:
            sessions: Sessions of one participant.

        Raises:
            InputError: If the times contradict the labels, or two are the same.
        """
        said = [*self._said, *self._own(sessions[0].participant_id)]
        for kind in KINDS:
            for table in said:
                found = {
                    scan: table[key][kind]
                    for scan in sessions
                    if kind in table.get(key := _key(scan), {})
                }
                if len(found) == len(sessions):
                    _check(found, kind)
                    return Timing(found, kind)
        counted = {scan: months_of(scan.session_id) for scan in sessions}
        sound = {scan: m / 12 for scan, m in counted.items() if m is not None}
        if len(sound) == len(sessions) and len(set(sound.values())) == len(sound):
            return Timing(sound, FROM_LABEL)
        return Timing({}, "")

    def _own(self, person: str) -> list[dict[tuple[str, str], dict[str, float]]]:
        if self._root is None:
            return []
        folder = self._root / person
        paths = [*folder.glob("*_sessions.tsv"), *folder.glob("**/*_scans.tsv")]
        merged: dict[tuple[str, str], dict[str, float]] = {}
        for path in sorted(paths):
            for key, row in _said_by(_tolerated(path), person).items():
                merged.setdefault(key, {}).update(row)
        return [merged]


def months_of(session: str | None) -> float | None:
    """Read the months that a session's label counts.

    Example:
        >>> months_of("ses-M12"), months_of("ses-bl"), months_of("ses-2")
        (12.0, 0.0, None)
    """
    label = (session or "").removeprefix("ses-").lower()
    if label in FIRST_LABELS:
        return 0.0
    found = _MONTHS.fullmatch(label)
    return None if found is None else float(found[1] or found[2])


def in_time(sessions: Sequence[ScanId], timing: Timing) -> list[ScanId]:
    """Sort the sessions of a person by time, or by their labels where it is unknown."""
    if timing.years:
        return sorted(sessions, key=lambda scan: timing.years[scan])
    return sorted(sessions, key=lambda scan: session_key(scan.session_id))


def _check(years: Mapping[ScanId, float], kind: str) -> None:
    """Refuse times that contradict the labels of the sessions."""
    ordered = sorted(years, key=lambda scan: years[scan])
    for one, other in pairwise(ordered):
        names, apart = (one.session_id, other.session_id), years[other] - years[one]
        fault = ""
        if apart > LONGEST_YEARS:
            fault = f"{names[0]} and {names[1]} are {apart:.0f} years apart by {kind}"
        elif not apart and kind == "acquisition date":
            fault = f"{names[0]} and {names[1]} have the same {kind}"
        elif _contradicts(*names):
            fault = (
                f"by {kind}, {names[0]} comes before {names[1]}, which contradicts"
                " their labels"
            )
        if fault:
            msg = f"{fault}; correct the table of the sessions' times, or the labels"
            raise InputError(msg)


def _contradicts(earlier: str | None, later: str | None) -> bool:
    """Whether labels that count say that the later session came first."""
    if _pattern(earlier) != _pattern(later):
        first = [months_of(label) for label in (earlier, later)]
        if None in first:
            return False
    return session_key(earlier) > session_key(later)


def _pattern(label: str | None) -> str:
    """Keep of a label what is no number: labels that count have the same."""
    return re.sub(r"\d+", "#", (label or "").lower())


def _said_by(
    table: pd.DataFrame, person: str | None
) -> dict[tuple[str, str], dict[str, float]]:
    """Read the times of all rows of a table.

    Args:
        table: With a row a session, or a scan (``filename``).
        person: Whom the table is of, where it has no ``participant_id``.
    """
    columns = {re.sub(r"[^a-z0-9]+", "_", str(n).lower()): n for n in table.columns}
    found: dict[tuple[str, str], dict[str, float]] = {}
    for row in table.to_dict("records"):
        key = _key_of({name: row[n] for name, n in columns.items()}, person)
        if key is None:
            continue
        for kind, (names, read) in KINDS.items():
            cell = next((row[columns[n]] for n in names if n in columns), None)
            text = known(cell)
            years = None if text is None else read(text)
            if years is not None:
                found.setdefault(key, {}).setdefault(kind, years)
    return found


def _key_of(row: Mapping[str, object], person: str | None) -> tuple[str, str] | None:
    """Tell which session a row is of; None where it does not say."""
    if "filename" in row:
        name = str(row["filename"]).rsplit("/", 1)[-1]
        try:
            return _key(ScanId.parse(name)) if "T1w" in name else None
        except InputError:
            return None
    who, session = row.get("participant_id", person), row.get("session_id")
    if who is None or session is None:
        return None
    return bare(str(who), "sub-"), bare(str(session), "ses-")


def _key(scan: ScanId) -> tuple[str, str]:
    return bare(scan.participant_id, "sub-"), bare(scan.session_id or "", "ses-")


def _checked(path: Path) -> pd.DataFrame:
    table = read_text_table(path)
    names = {re.sub(r"[^a-z0-9]+", "_", str(n).lower()) for n in table.columns}
    times = [name for columns, _ in KINDS.values() for name in columns]
    if not {"participant_id", "session_id"} <= names:
        there = ", ".join(map(str, table.columns))
        msg = f"{path} lacks participant_id or session_id; it has {there}"
        raise InputError(msg)
    if not names & set(times):
        msg = f"{path} says no time: it needs a column acq_time, age_years or months"
        raise InputError(msg)
    return table


def _tolerated(path: Path) -> pd.DataFrame:
    """Read a table that nobody named; one that cannot be read says nothing."""
    try:
        return read_text_table(path)
    except InputError:
        return pd.DataFrame()
