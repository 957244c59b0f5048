"""The cohort: which scans an analysis is about, and what is known of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.names import sessions_path
from crosswarp.bids.scanner import field_of_sidecar, nominal_field
from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import InputError

COLUMNS: Final = (
    "participant_id",
    "session_id",
    "diagnosis",
    "age_years",
    "sex",
    "site",
    "field_strength_t",
    "origin",
)

ORIGINS: Final = ("real", "virtual")

VIRTUAL_NOTICE: Final = (
    "Virtual participants: these figures show that the software works."
    " They say nothing about diagnostic accuracy."
)
"""To head every table and page made from a virtual participant."""

_REQUIRED: Final = ("participant_id", "session_id", "diagnosis")
_TEXT: Final = ("participant_id", "session_id", "diagnosis", "sex", "site", "origin")
_SEXES: Final = {"f": "F", "female": "F", "m": "M", "male": "M", "o": "O", "other": "O"}
_OLDEST: Final = "+"
"""BIDS writes 89+ for the age of the very old."""

_MOST_FAULTS: Final = 5
"""Named in one message; the rest is counted."""


@dataclass(frozen=True)
class MadeCohort:
    """A cohort, and what of the data set is not in it.

    Attributes:
        table: As `read_cohort` returns it.
        left_out: One sentence for each scan or row that was left out, with the reason.
    """

    table: pd.DataFrame
    left_out: list[str]


def read_cohort(path: Path) -> pd.DataFrame:
    """Read a cohort table.

    Args:
        path: A ``.tsv`` file with ``participant_id``, ``session_id``, ``diagnosis``
            and, if known, ``age_years``, ``sex``, ``site``, ``origin``.

    Returns:
        One row a scan, sorted, with all eight columns: text, ``n/a`` where it is not
        known; age and field are numbers, NaN where not known; a diagnosis is CN, MCI
        or AD; the origin is ``real`` when the file does not say.

    Raises:
        InputError: If columns are missing, a scan is there twice, or a diagnosis, an
            age, a field or an origin is none.
    """
    table = read_table(path, _REQUIRED, text=_TEXT)
    return _checked(table.to_dict("records"), path.name)


def write_cohort(path: Path, table: pd.DataFrame) -> None:
    """Write a cohort table that `read_cohort` can read.

    Raises:
        InputError: As `read_cohort`.
    """
    write_table(path, _checked(table.to_dict("records"), "the cohort"))


def make_cohort(root: Path) -> MadeCohort:
    """Put the scans of a BIDS data set together with what its tables say.

    A diagnosis or an age in ``sub-<label>_sessions.tsv`` counts for its session, the
    one in ``participants.tsv`` for all sessions that have none of their own. The
    scanner's field comes from the same tables, else from the scan's sidecar.

    Args:
        root: Of the data set, with ``participants.tsv``. Columns used:
            ``participant_id``, ``diagnosis``, ``age`` or ``age_years``, ``sex``,
            ``site``, ``field_strength_t``, ``origin``.

    Raises:
        InputError: If there is no table, it lacks ids or diagnoses, names someone
            twice or has an unknown diagnosis; or if no scan has a diagnosis.
    """
    found = find_scans(root)
    people = _People.read(root)
    made: list[Mapping[Any, Any]] = []
    left_out = [f"{scan.label}: {reason}" for scan, reason in found.problems]
    left_out += found.left_out
    for raw in found.scans:
        row = people.of(raw.scan)
        if row is None:
            left_out.append(f"{raw.scan.label}: not in participants.tsv")
        elif _known(row.get("diagnosis")) is None:
            left_out.append(f"{raw.scan.label}: no diagnosis")
        else:
            made.append(_with_field(row, raw.path))
    with_folder = {scan.participant_id for scan, _ in found.problems} | {
        raw.scan.participant_id for raw in found.scans
    }
    left_out += [
        f"{name}: in participants.tsv, but without a T1w scan"
        for name in people.rows
        if name not in with_folder
    ]
    if not made:
        msg = f"{root} has no scan with a diagnosis: {_some(left_out)}"
        raise InputError(msg)
    return MadeCohort(_checked(made, "participants.tsv"), left_out)


@dataclass
class _People:
    """What the tables of a data set say of its participants."""

    root: Path
    rows: Mapping[str, Mapping[Any, Any]]
    sessions: dict[str, Mapping[str, Mapping[Any, Any]]] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> "_People":
        path = root / "participants.tsv"
        by_session = any(root.glob("sub-*/sub-*_sessions.tsv"))
        required = ["participant_id"] if by_session else ["participant_id", "diagnosis"]
        return cls(root, _indexed(path, "participant_id", required))

    def of(self, scan: ScanId) -> Mapping[Any, Any] | None:
        """Return what is known of a scan; None if its participant is unknown."""
        row = self.rows.get(scan.participant_id)
        if row is None:
            return None
        session = self._session(scan)
        own = {name: value for name, value in session.items() if _known(value)}
        ids = {
            "participant_id": scan.participant_id,
            "session_id": scan.session_id or NOT_AVAILABLE,
        }
        return {**_age_named(row), **_age_named(own), **ids}

    def _session(self, scan: ScanId) -> Mapping[Any, Any]:
        name = scan.participant_id
        path = sessions_path(self.root, name)
        if scan.session_id is None or not path.is_file():
            return {}
        if name not in self.sessions:
            self.sessions[name] = _indexed(path, "session_id", ["session_id"])
        return self.sessions[name].get(scan.session_id, {})


def _indexed(
    path: Path, column: str, required: list[str]
) -> dict[str, Mapping[Any, Any]]:
    """Read a table as rows by id.

    Raises:
        InputError: If an id is there twice.
    """
    table = read_table(path, required, text=_TEXT)
    twice = table[column][table[column].duplicated()]
    if len(twice):
        msg = f"{path.name} has {_some(sorted(set(twice)))} more than once; keep one"
        raise InputError(msg)
    return {str(row[column]): row for row in table.to_dict("records")}


def _with_field(row: Mapping[Any, Any], image: Path) -> Mapping[Any, Any]:
    if _known(row.get("field_strength_t")) is not None:
        return row
    return {**row, "field_strength_t": field_of_sidecar(image)}


def _age_named(row: Mapping[Any, Any]) -> dict[Any, Any]:
    """Call the age what we call it, whichever of its two names the row has."""
    named = dict(row)
    age = named.pop("age", None)
    return named if "age_years" in named or age is None else {**named, "age_years": age}


def _checked(rows: Iterable[Mapping[Any, Any]], source: str) -> pd.DataFrame:
    """Bring rows to the form of a cohort table.

    Raises:
        InputError: With all that is wrong, up to a few.
    """
    by_scan: dict[ScanId, dict[str, Any]] = {}
    faults = []
    for row in rows:
        try:
            scan = ScanId.from_row(str(row["participant_id"]), row["session_id"])
            if scan in by_scan:
                faults.append(f"{scan.label}: more than once")
            by_scan[scan] = _checked_row(scan, row)
        except InputError as error:
            faults.append(f"{row['participant_id']}: {error}")
    if faults:
        msg = f"{source}: {_some(faults)}"
        raise InputError(msg)
    return pd.DataFrame([by_scan[scan] for scan in sorted(by_scan)], columns=COLUMNS)


def _checked_row(scan: ScanId, row: Mapping[Any, Any]) -> dict[str, Any]:
    sex = _known(row.get("sex"))
    origin = _known(row.get("origin")) or ORIGINS[0]
    if origin not in ORIGINS:
        msg = f"origin must be {' or '.join(ORIGINS)}, got {origin!r}"
        raise InputError(msg)
    return {
        "participant_id": scan.participant_id,
        "session_id": scan.session_id or NOT_AVAILABLE,
        "diagnosis": str(Diagnosis.parse(_known(row["diagnosis"]) or NOT_AVAILABLE)),
        "age_years": _age(row.get("age_years")),
        "sex": NOT_AVAILABLE if sex is None else _SEXES.get(sex.casefold(), sex),
        "site": _known(row.get("site")) or NOT_AVAILABLE,
        "field_strength_t": _field(row.get("field_strength_t")),
        "origin": origin,
    }


def _age(value: object) -> float:
    text = _known(value)
    if text is None:
        return float("nan")
    try:
        return float(text.removesuffix(_OLDEST))
    except ValueError as error:
        msg = f"age must be a number of years, got {text!r}"
        raise InputError(msg) from error


def _field(value: object) -> float:
    text = _known(value)
    if text is None:
        return float("nan")
    try:
        tesla = float(text)
    except ValueError:
        tesla = float("nan")
    if not 0 < tesla < float("inf"):
        msg = f"field_strength_t must be a number of teslas, got {text!r}"
        raise InputError(msg)
    return nominal_field(tesla)


def _known(value: object) -> str | None:
    """Return a cell as text, or None where a table has nothing."""
    if value is None or pd.isna(value) or str(value).strip() in ("", NOT_AVAILABLE):  # type: ignore[call-overload]
        return None
    return str(value).strip()


def _some(faults: list[str]) -> str:
    more = len(faults) - _MOST_FAULTS
    tail = f"; and {more} more" if more > 0 else ""
    return "; ".join(faults[:_MOST_FAULTS]) + tail
