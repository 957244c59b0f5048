"""Codes of the UDS as OASIS-3 and NACC hold them."""

import pytest

from crosswarp.archives.nacc import day_of
from crosswarp.archives.tables import Row
from crosswarp.archives.uds import (
    BAD_STATUS,
    NOT_MCI,
    OTHER_CAUSE,
    UNKNOWN_CAUSE,
    label_of_d1,
    label_of_nacc,
)


def row(**cells: str) -> Row:
    return Row(2, cells)


@pytest.mark.parametrize(
    ("cells", "label", "reason"),
    [
        ({"naccudsd": "1", "naccalzd": "8"}, "CN", ""),
        ({"naccudsd": "3"}, "MCI", ""),
        ({"naccudsd": "2"}, None, NOT_MCI),
        ({"naccudsd": "4", "naccalzd": "1", "naccetpr": "1"}, "AD", ""),
        ({"naccudsd": "4", "naccalzd": "1", "naccetpr": "99"}, "AD", ""),
        ({"naccudsd": "4.0", "naccalzd": "1.0"}, "AD", ""),
        # Alzheimer's disease contributes; the primary cause, 2 to 30, is another.
        ({"naccudsd": "4", "naccalzd": "1", "naccetpr": "2"}, None, OTHER_CAUSE),
        ({"naccudsd": "4", "naccalzd": "1", "naccetpr": "8"}, None, OTHER_CAUSE),
        ({"naccudsd": "4", "naccalzd": "0", "naccetpr": "88"}, None, OTHER_CAUSE),
        ({"naccudsd": "4", "naccalzd": "-4", "naccetpr": "99"}, None, UNKNOWN_CAUSE),
        ({"naccudsd": "7"}, None, BAD_STATUS),
        ({"naccudsd": "-4"}, None, ""),
        ({"naccudsd": "9"}, None, ""),
        ({}, None, ""),
    ],
)
def test_codes_of_nacc(cells: dict[str, str], label: str | None, reason: str) -> None:
    found = label_of_nacc(row(**cells))
    assert (found.label, found.reason) == (label, reason)


def test_any_dementia_can_be_asked_for() -> None:
    cells = {"naccudsd": "4", "naccalzd": "0", "naccetpr": "7"}
    found = label_of_nacc(row(**cells), "any")
    assert (found.label, found.detail) == ("AD", "NACCUDSD 4, NACCALZD 0, NACCETPR 7")


@pytest.mark.parametrize(
    ("cells", "label", "reason"),
    [
        ({"normcog": "1", "demented": "0"}, "CN", ""),
        ({"normcog": "0", "demented": "0", "mciaplus": "1"}, "MCI", ""),
        ({"demented": "0", "mcinon2": "1"}, "MCI", ""),
        ({"demented": "0", "impnomci": "1"}, None, NOT_MCI),
        ({"demented": "1", "probad": "1", "probadif": "1"}, "AD", ""),
        ({"demented": "1", "probad": "1"}, "AD", ""),
        ({"demented": "1", "probad": "0", "possad": "1", "possadif": "1"}, "AD", ""),
        ({"demented": "1", "probad": "1", "probadif": "2"}, None, OTHER_CAUSE),
        ({"demented": "1", "alzdis": "1", "alzdisif": "1"}, "AD", ""),
        ({"demented": "1", "alzdis": "1", "alzdisif": "2"}, None, OTHER_CAUSE),
        ({"demented": "1", "probad": "0", "possad": "0"}, None, OTHER_CAUSE),
        ({"demented": "1"}, None, UNKNOWN_CAUSE),
        ({"demented": "9", "normcog": "9"}, None, ""),
        ({"demented": "0", "normcog": "0"}, None, ""),
    ],
)
def test_items_of_form_d1(
    cells: dict[str, str], label: str | None, reason: str
) -> None:
    found = label_of_d1(row(**cells))
    assert (found.label, found.reason) == (label, reason)


@pytest.mark.parametrize("year", ["1e30", "20061", "0"])
def test_a_year_that_no_calendar_has_is_no_day(year: str) -> None:
    assert day_of(row(y=year, m="11", d="2"), "y", "m", "d").day is None
    found = day_of(row(y="2006", m="11", d="2"), "y", "m", "d")
    assert found.day is not None
