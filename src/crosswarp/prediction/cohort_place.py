"""What a cohort was given as: raw scans, or maps that are finished."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.cohort import make_cohort, read_cohort
from crosswarp.bids.dataset import FoundScans, find_scans
from crosswarp.bids.left_out import refuse_empty
from crosswarp.bids.people import PARTICIPANTS
from crosswarp.bids.series import SeriesChoice
from crosswarp.errors import InputError
from crosswarp.makers import read_description
from crosswarp.outputs import DRAWN
from crosswarp.study.names import COHORT, DERIVATIVES

_TABLE: Final = ".tsv"

NEEDED: Final = "participant_id, session_id and diagnosis"
"""Columns that an evaluation needs."""


@dataclass(frozen=True)
class CohortPlace:
    """Scans of a cohort, and what a table says of them.

    Attributes:
        place: File or folder that was given.
        raw: Raw scans that were found; None where maps were given.
        derivatives: Folder of finished maps; None where raw scans were given.
        known: Scans with a diagnosis, as `read_cohort` returns them; None where there
            is no table of them.
        reason: Why there is no such table; empty where there is.
    """

    place: Path
    raw: FoundScans | None = None
    derivatives: Path | None = None
    known: pd.DataFrame | None = None
    reason: str = ""


def is_cohort(path: Path) -> bool:
    """Whether a path is that of a cohort, not of one scan: a folder or a table."""
    return path.is_dir() or path.name.lower().endswith(_TABLE)


def find_cohort(
    place: Path, out: Path, series: SeriesChoice | None = None
) -> CohortPlace:
    """Find the scans of a cohort.

    Args:
        place: Table of `crosswarp cohort` with the paths of scans; folder of maps that
            `crosswarp preprocess` wrote, or of virtual maps with their cohort; BIDS
            data set, or folder of scans.
        out: Folder of the outputs, where no scans are looked for.
        series: The series to take of DICOM examinations; chosen by rules when None.

    Raises:
        InputError: If nothing is found.
    """
    if place.is_dir() and DRAWN.is_here(place):
        known, reason = _read(place / COHORT)
        return CohortPlace(place, None, place / DERIVATIVES, known, reason)
    if place.is_dir() and read_description(place).get("DatasetType") == "derivative":
        reason = f"a folder of maps has no diagnoses; give a table with {NEEDED}"
        return CohortPlace(place, None, place, None, reason)
    found = find_scans(place, series=series, excluding=[out])
    refuse_empty(found, place)
    known, reason = _read(place) if place.is_file() else _from_bids(place)
    return CohortPlace(place, found, None, known, reason)


def _read(table: Path) -> tuple[pd.DataFrame | None, str]:
    try:
        known = read_cohort(table, unlabelled=True)
    except InputError as error:
        return None, str(error)
    if known.empty:
        return None, f"no scan of {table.name} has a diagnosis"
    return known, ""


def _from_bids(root: Path) -> tuple[pd.DataFrame | None, str]:
    if not (root / PARTICIPANTS).is_file():
        return None, f"{root} has no {PARTICIPANTS} with diagnoses"
    try:
        return make_cohort(root).table, ""
    except InputError as error:
        return None, str(error)
