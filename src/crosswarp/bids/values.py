"""What a cell of a table of participants says: missing, an age, a sex, a field."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.matching import some
from crosswarp.bids.scanner import nominal_field
from crosswarp.errors import InputError

MISSING_WORDS: Final = frozenset(
    {
        *("", "n/a", "na", "n.a.", "nan", "none", "null", ".", "-", "?", "#n/a"),
        *("unknown", "unk", "missing", "not available", "<na>"),
    }
)
"""Spellings of a missing value in every column; case does not count."""

MISSING_CODES: Final = frozenset({-1.0, -4.0, -9.0, -99.0, -999.0, 999.0, 9999.0})
"""Numbers that archives write for a missing diagnosis, age, sex or field strength."""

OLDEST: Final = 120.0
"""Years; an age must be above 0 and at most this."""

STRONGEST_T: Final = 20.0
"""Teslas; a field must be above 0 and at most this."""

SEXES: Final = {
    **{"f": "F", "female": "F", "woman": "F", "w": "F"},
    **{"m": "M", "male": "M", "man": "M"},
    **{"o": "O", "other": "O"},
}

_CENSORED: Final = "+"
"""BIDS writes 89+ for the age of the very old."""


@dataclass
class Notes:
    """What was read otherwise than it is written, and of whom, in order.

    Attributes:
        people: Labels of scans by what was done.
    """

    people: dict[str, list[str]] = field(default_factory=dict)

    def add(self, what: str, label: str) -> None:
        """Note something of a scan."""
        labels = self.people.setdefault(what, [])
        if label not in labels:
            labels.append(label)

    def sentences(self) -> list[str]:
        """Word each thing once, with those that it holds for."""
        return [f"{what}: {some(labels)}" for what, labels in self.people.items()]


def known(value: object, missing: Collection[str] = ()) -> str | None:
    """Return a cell as text, or None where it says that nothing is known.

    Args:
        value: Content of the cell.
        missing: Spellings and codes of a missing value besides `MISSING_WORDS`.

    Example:
        >>> known(" 71 "), known("N/A"), known("88", ["88"])
        ('71', None, None)
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if pd.isna(value):  # type: ignore[call-overload]  # pandas' own missing values
        return None
    text = str(value).strip()
    if text.casefold() in MISSING_WORDS:
        return None
    if any(text.casefold() == word.strip().casefold() for word in missing):
        return None
    return text


def number(text: str) -> float | None:
    """Read a number; None when it is none.

    Example:
        >>> number("70.5"), number("70,5"), number("seventy")
        (70.5, 70.5, None)
    """
    plain = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    try:
        return float(plain)
    except ValueError:
        return None


def finite_number(text: str) -> float | None:
    """Read a number that is neither infinite nor NaN; None when it is none.

    Example:
        >>> finite_number("12,5"), finite_number("inf")
        (12.5, None)
    """
    value = number(text)
    return None if value is None or not math.isfinite(value) else value


def is_code(text: str) -> bool:
    """Whether a cell holds one of `MISSING_CODES`.

    Example:
        >>> is_code("-4"), is_code("-4.0"), is_code("4")
        (True, True, False)
    """
    return number(text) in MISSING_CODES


def read_age(text: str) -> float:
    """Read an age in years.

    Raises:
        InputError: If it is no number from above 0 to `OLDEST`.

    Example:
        >>> read_age("89+"), read_age("70.5")
        (89.0, 70.5)
    """
    years = number(text.removesuffix(_CENSORED))
    if years is None or not 0 < years <= OLDEST:
        msg = f"age {text!r} is not a number of years above 0 and up to {OLDEST:g}"
        raise InputError(msg)
    return years


def read_sex(text: str, codes: Mapping[str, str]) -> str:
    """Read a sex as F, M or O.

    Args:
        text: A word, its first letter, or a code.
        codes: Words by code, from ``participants.json`` or the option for codes of sex.

    Raises:
        InputError: If it is not understood.
    """
    word = codes.get(text, codes.get(text.removesuffix(".0"), text))
    sex = SEXES.get(text.casefold(), SEXES.get(word.strip().casefold()))
    if sex is None:
        hint = (
            "; say what it means with `sex_codes={'1': 'M', '2': 'F'}`"
            if text.isdigit()
            else ""
        )
        msg = f"sex {text!r} is not understood: expected F, M or O{hint}"
        raise InputError(msg)
    return sex


def read_field(text: str) -> float:
    """Read a field strength in tesla, by its nominal name.

    Raises:
        InputError: If it is no number from above 0 to `STRONGEST_T`.
    """
    tesla = number(text.casefold().removesuffix("t").strip())
    if tesla is None or not 0 < tesla <= STRONGEST_T:
        msg = (
            f"field_strength_t {text!r} is not a number of teslas above 0 and up to"
            f" {STRONGEST_T:g}"
        )
        raise InputError(msg)
    return nominal_field(tesla)


def without_codes(values: Iterable[str]) -> tuple[list[str], list[str]]:
    """Take negative codes of a column for missing where nothing else is negative.

    Args:
        values: Of a column that is carried along, ``n/a`` where it is not known.

    Returns:
        The values, ``n/a`` instead of a code; and the codes that were found.

    Example:
        >>> without_codes(["16", "-4", "12"])
        (['16', 'n/a', '12'], ['-4'])
        >>> without_codes(["0.5", "-4", "-1.3"])[1]
        []
    """
    given = list(values)
    negative = {v for v in given if (number(v) or 0.0) < 0}
    codes = {value for value in negative if is_code(value)}
    if negative != codes or codes == set(given) - {NOT_AVAILABLE}:
        return given, []
    return [NOT_AVAILABLE if v in codes else v for v in given], sorted(codes)
