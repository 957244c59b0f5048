"""Dates as archives and spreadsheets write them, and in file names."""

import re
from datetime import date
from typing import Final

MONTHS: Final = {
    name: number
    for number, name in enumerate(
        (
            *("jan", "feb", "mar", "apr", "may", "jun"),
            *("jul", "aug", "sep", "oct", "nov", "dec"),
        ),
        1,
    )
}

_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T_].*)?")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_AMERICAN: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")
_POINTS: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_NAMED: Final = re.compile(r"(\d{1,2})[- ]?([A-Za-z]{3})[a-z]*[- ]?(\d{4})")
_FILE_NAMED: Final = re.compile(r"[_ -](\d{1,2}-?[A-Za-z]{3}-?\d{4})$")
_FILE_AMERICAN: Final = re.compile(r"_(\d{1,2})_(\d{1,2})_(\d{4}|\d{2})$")
_COPY: Final = re.compile(r"(?: ?\(\d+\)| - Copy)+$")

FIRST_YEAR: Final = 1901
"""Earlier dates are placeholders: ``1900-01-01``."""


def parse_day(text: str) -> date | None:
    """Read a day.

    Args:
        text: ISO, also with a time behind it as folders of the IDA have; ``M/D/YYYY``
            (month first: the archives are American); ``D.M.YYYY``; ``28Jan2026``.

    Returns:
        The day; None where it is none, or a placeholder such as ``1900-01-01``.

    Example:
        >>> parse_day("3/20/2015").isoformat(), parse_day("2006-11-02_08_16_44.0").day
        ('2015-03-20', 2)
        >>> parse_day("-4"), parse_day("1900-01-01")
        (None, None)
    """
    text = text.strip()
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _AMERICAN.fullmatch(text):
        return _day(int(found[3]), int(found[1]), int(found[2]))
    if found := _POINTS.fullmatch(text):
        return _day(int(found[3]), int(found[2]), int(found[1]))
    if found := _NAMED.fullmatch(text):
        month = MONTHS.get(found[2].lower(), 0)
        return _day(int(found[3]), month, int(found[1]))
    return None


def split_dated(stem: str) -> tuple[str, date | None]:
    """Take the date off the end of a file name without its ending.

    Example:
        >>> split_dated("All_Subjects_DXSUM_21Aug2025")
        ('All_Subjects_DXSUM', datetime.date(2025, 8, 21))
        >>> split_dated("aibl_pdxconv_01-Jun-2018")[0], split_dated("ADNIMERGE")
        ('aibl_pdxconv', ('ADNIMERGE', None))
        >>> split_dated("ADNI1_Complete_1Yr_1.5T_3_20_2023 (1)")[0]
        'ADNI1_Complete_1Yr_1.5T'
    """
    stem = _COPY.sub("", stem)
    if (found := _FILE_NAMED.search(stem)) and (day := parse_day(found[1])):
        return stem[: found.start()], day
    if found := _FILE_AMERICAN.search(stem):
        year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
        if day := _day(year, int(found[1]), int(found[2])):
            return stem[: found.start()], day
    return stem, None


def _day(year: int, month: int, day: int) -> date | None:
    if year < FIRST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
