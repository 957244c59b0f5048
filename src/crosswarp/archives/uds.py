"""Diagnoses of the Uniform Data Set (UDS) of the American Alzheimer's centres.

OASIS-3 holds its form of diagnoses, D1, item by item; NACC gives variables derived from
it. Codes of missing values are those of the UDS.
"""

from typing import Final

from crosswarp.archives.options import Dementia
from crosswarp.archives.rules import Label
from crosswarp.archives.tables import Row

UDS_MISSING: Final = frozenset(
    {-4.0, -1.0, 8.0, 9.0, 88.0, 99.0, 888.0, 999.0, 8888.0, 9999.0}
)
"""Not asked, not known, not applicable; of items whose own codes are below 8."""

YEARS_MISSING: Final = frozenset({-4.0, -1.0, 88.0, 99.0, 888.0, 999.0, 8888.0, 9999.0})
"""The same for numbers that may well be 8 or 9: years, points of a score."""

OTHER_CAUSE: Final = "dementia of another cause than Alzheimer's disease"
UNKNOWN_CAUSE: Final = "dementia whose cause is not given"
NOT_MCI: Final = "cognitive impairment that is not MCI"
BAD_STATUS: Final = "NACCUDSD is none of 1, 2, 3 and 4"

_YES: Final = "1"
_MCI: Final = ("mciamem", "mciaplus", "mcinon1", "mcinon2")
_ALZHEIMER: Final = (
    ("probad", "probadif"),
    ("possad", "possadif"),
    # Version 3 asks for the disease, no more for probable and possible.
    ("alzdis", "alzdisif"),
)
"""Items on the cause, and whether it is the primary one (1) or contributes (2)."""


def label_of_d1(row: Row, dementia: Dementia = "ad") -> Label:
    """Read form D1 of the UDS, versions 1 to 3.

    Dementia is AD where Alzheimer's disease, probable or possible, is marked as a cause
    and not as one that only contributes.

    Args:
        row: With the items of the form (NORMCOG, DEMENTED, MCIAMEM, PROBAD, ALZDIS …).
        dementia: Same choice as `ArchiveOptions.dementia`.

    Returns:
        The label, and in ``detail`` the items that made it.
    """
    if _is_yes(row, "demented"):
        causes, primary = _causes_of_d1(row)
        return _of_dementia(f"DEMENTED 1, {causes}", dementia, primary=primary)
    marked = next((name for name in _MCI if _is_yes(row, name)), None)
    if marked is not None:
        return Label("MCI", detail=f"{marked.upper()} 1")
    if _is_yes(row, "impnomci"):
        return Label(None, NOT_MCI, "IMPNOMCI 1")
    if _is_yes(row, "normcog"):
        return Label("CN", detail="NORMCOG 1")
    return Label(None)


def label_of_nacc(row: Row, dementia: Dementia = "ad") -> Label:
    """Read the diagnosis of a UDS visit as NACC derives it.

    NACCUDSD is 1 normal, 2 impaired but not MCI, 3 MCI, 4 dementia. Dementia is AD
    where NACCETPR, the primary cause, is 1; where that is missing, where NACCALZD is 1
    (Alzheimer's disease is a presumed cause).

    Args:
        row: Of the table of UDS visits.
        dementia: Same choice as `ArchiveOptions.dementia`.

    Returns:
        The label, and in ``detail`` the variables that made it.
    """
    status = row.code("naccudsd", missing=UDS_MISSING)
    if status is None:
        return Label(None)
    said = f"NACCUDSD {status}"
    if status == "4":
        disease = row.code("naccalzd", missing=UDS_MISSING)
        cause = row.code("naccetpr", missing=frozenset({-4.0, 88.0, 99.0}))
        told = cause or disease
        said += f", NACCALZD {disease or 'n/a'}, NACCETPR {cause or 'n/a'}"
        primary = None if told is None else told == _YES
        return _of_dementia(said, dementia, primary=primary)
    if status == "2":
        return Label(None, NOT_MCI, said)
    label = {"1": "CN", "3": "MCI"}.get(status)
    return Label(label, "" if label else BAD_STATUS, said)


def _is_yes(row: Row, name: str) -> bool:
    return row.code(name, missing=UDS_MISSING) == _YES


def _causes_of_d1(row: Row) -> tuple[str, bool | None]:
    """Tell what D1 says of Alzheimer's disease; None where it says nothing."""
    for cause, item in _ALZHEIMER:
        if _is_yes(row, cause):
            share = row.code(item, missing=UDS_MISSING)
            said = f"{cause.upper()} 1, {item.upper()} {share or 'n/a'}"
            return said, share in {None, _YES}
    asked = [row.code(cause, missing=UDS_MISSING) for cause, _ in _ALZHEIMER]
    return "no Alzheimer's disease", False if any(asked) else None


def _of_dementia(said: str, dementia: Dementia, *, primary: bool | None) -> Label:
    """Label dementia by whether Alzheimer's disease is its primary cause."""
    if primary or dementia == "any":
        return Label("AD", detail=said)
    return Label(None, UNKNOWN_CAUSE if primary is None else OTHER_CAUSE, said)
