"""Rows of a cohort table: each value read and checked."""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import pandas as pd

from crosswarp.bids.columns import extra_columns
from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.values import (
    Notes,
    is_code,
    known,
    number,
    read_age,
    read_field,
    read_sex,
    without_codes,
)
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
"""Those that every cohort table has; columns of the user's own stand behind them."""

_IDENTIFYING: Final = re.compile(
    r"(?<![a-z])((full|first|last|sur|middle|given|family|maiden|patient)?_?names?"
    r"|initials|dob|birth_?(date|day)|date_?of_?birth|address|street|postcode|zip"
    r"|tele?phone|phone|mobile|e?_?mail|mrn|ssn|passport|insurance|physician|doctor"
    r"|contact|comments?|remarks?|notes?|free_?text)(?![a-z])",
    re.IGNORECASE,
)
"""Names of columns that are left out wherever people are listed."""

ORIGINS: Final = ("real", "virtual")

Value = TypeVar("Value")


@dataclass
class ValueReader:
    """Reads what is known of a scan besides its diagnosis.

    Attributes:
        missing: Spellings and codes of missing values, besides those always known.
        sex_codes: Words by code.
        notes: Told of each value that is taken as missing; when None, such a value is
            an error instead, but for codes of missing values.
    """

    missing: Collection[str] = ()
    sex_codes: Mapping[str, str] = field(default_factory=dict)
    notes: Notes | None = None

    def row(
        self, scan: ScanId, label: str, values: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Make the row of a scan.

        Args:
            scan: Scan of the row.
            label: Diagnosis of the scan.
            values: Cells by our names, and those of the user's own columns.

        Raises:
            InputError: If the origin is none, or, without `notes`, another value.
        """
        sex = self._value(scan, values.get("sex"), self._sex)
        extra = {
            name: known(values[name], self.missing) or NOT_AVAILABLE
            for name in extra_columns(list(values), COLUMNS)
        }
        return {
            "participant_id": scan.participant_id,
            "session_id": scan.session_id or NOT_AVAILABLE,
            "diagnosis": label,
            "age_years": self._number(scan, values.get("age_years"), read_age),
            "sex": NOT_AVAILABLE if sex is None else sex,
            "site": self._site(values.get("site")),
            "field_strength_t": self._number(
                scan, values.get("field_strength_t"), read_field
            ),
            "origin": _origin(known(values.get("origin"), self.missing)),
            **extra,
        }

    def _sex(self, text: str) -> str:
        return read_sex(text, self.sex_codes)

    def _site(self, value: object) -> str:
        text = known(value, self.missing)
        negative = text is not None and is_code(text) and (number(text) or 0) < 0
        return NOT_AVAILABLE if text is None or negative else text

    def _number(
        self, scan: ScanId, value: object, read: Callable[[str], float]
    ) -> float:
        found = self._value(scan, value, read)
        return math.nan if found is None else found

    def _value(
        self, scan: ScanId, value: object, read: Callable[[str], Value]
    ) -> Value | None:
        text = known(value, self.missing)
        if text is None:
            return None
        try:
            return read(text)
        except InputError as error:
            if self.notes is None and not is_code(text):
                raise
            if self.notes is not None:
                self.notes.add(f"{error}; taken as missing", scan.label)
            return None


def table_of(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make a cohort table of checked rows, sorted by scan, codes of no value as such.

    Args:
        rows: As `ValueReader.row` returns them.
    """
    names = (name for row in rows for name in row)
    columns = [*COLUMNS, *extra_columns(list(names), COLUMNS)]
    ordered = sorted(rows, key=lambda row: (row["participant_id"], row["session_id"]))
    table = pd.DataFrame(ordered, columns=columns)
    extra = columns[len(COLUMNS) :]
    return table.assign(**{name: table[name].fillna(NOT_AVAILABLE) for name in extra})


def codes_as_missing(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Take codes such as -4 in the user's own columns as missing, and say so."""
    said = []
    for name in extra_columns(list(table.columns), COLUMNS):
        values, codes = without_codes(table[name])
        if codes:
            table = table.assign(**{name: values})
            said.append(f"{name}: {', '.join(codes)} is taken as missing")
    return table, said


def without_identifiers(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Leave out columns of the user's own that name people, going by their names.

    Returns:
        The table without them, and a sentence that says so where there were any.
    """
    names = [str(name) for name in table]
    named = [n for n in names if n not in COLUMNS and _IDENTIFYING.search(n)]
    if not named:
        return table, []
    text = (
        f"{', '.join(named)}: not taken over, since such columns name people or hold"
        " free text; rename what is needed and names nobody"
    )
    return table.drop(columns=named), [text]


def unknown_columns(table: pd.DataFrame) -> list[str]:
    """Say how often age and sex are not known, and what is carried along."""
    said = []
    for name in ("age_years", "sex"):
        missing = int(table[name].replace(NOT_AVAILABLE, None).isna().sum())
        if missing == len(table):
            said.append(f"{name} is known of no scan")
        elif missing:
            said.append(f"{name} is not known of {missing} of {len(table)} scans")
    extra = extra_columns(list(table.columns), COLUMNS)
    if extra:
        said.append(
            f"carried along, to be used as covariates if wanted: {', '.join(extra)}"
        )
    return said


def _origin(text: str | None) -> str:
    origin = text or ORIGINS[0]
    if origin not in ORIGINS:
        msg = f"origin must be {' or '.join(ORIGINS)}, got {origin!r}"
        raise InputError(msg)
    return origin
