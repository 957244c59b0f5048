"""Which scans encoders learn from, and how old their participants were."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.ledger import LEDGER, rows_of
from crosswarp.bids.matching import bare
from crosswarp.bids.tables import read_table
from crosswarp.errors import InputError
from crosswarp.inputs.scan_files import ScanFiles
from crosswarp.pretraining.settings import PretrainingSettings

_SCAN: Final = ("participant_id", "session_id")

_AGE: Final = "age_years"


def scans_of(settings: PretrainingSettings) -> pd.DataFrame:
    """List whom to see: no diagnosis is read.

    Raises:
        InputError: If nobody is left, or a participant to leave out is spelt otherwise.
    """
    path = settings.scans or settings.derivatives / LEDGER
    table = read_table(path, _SCAN, text=_SCAN)
    if settings.scans is None:
        table = rows_of(table, settings.space, settings.resolution)
        table = table[table["status"] == "ok"] if "status" in table else table
    left_out: set[str] = set()
    for other in settings.leave_out:
        left_out |= set(read_table(other, _SCAN[:1], text=_SCAN)["participant_id"])
    _check_spelling(left_out, set(table["participant_id"].dropna()), path)
    kept = table[~table["participant_id"].isin(left_out)].drop_duplicates(list(_SCAN))
    if kept.empty:
        msg = (
            f"{path} has {len(table)} scans, and after leave_out none is left; give"
            " scans of other participants"
        )
        raise InputError(msg)
    if "origin" not in kept:
        kept = kept.assign(origin="real")
    return kept.assign(diagnosis=NOT_AVAILABLE)


def _check_spelling(left_out: set[str], there: set[str], path: Path) -> None:
    """Refuse a participant to leave out who is there under another spelling."""
    spelt = {bare(name, "sub-"): name for name in sorted(there - left_out)}
    for name in sorted(left_out - there):
        same = spelt.get(bare(str(name), "sub-"))
        if same is not None:
            msg = (
                f"leave_out names {name}, {path} has {same}: write the same id in both,"
                " or the participant would be seen in pretraining"
            )
            raise InputError(msg)


def ages_of(scans: pd.DataFrame, samples: Sequence[ScanFiles]) -> tuple[float, ...]:
    """Return the age at each scan, in years.

    Args:
        scans: As `scans_of` returns them.
        samples: Scans in the order that is wanted.

    Raises:
        InputError: If an age is not known.
    """
    known = {
        ScanId.from_row(str(row["participant_id"]), row["session_id"]): row.get(_AGE)
        for row in scans.to_dict("records")
    }
    ages = [_years(known[sample.scan]) for sample in samples]
    lacking = [
        sample.scan.label
        for sample, age in zip(samples, ages, strict=True)
        if math.isnan(age)
    ]
    if lacking:
        msg = (
            f"the objective age needs {_AGE} of every scan, and {len(lacking)} of"
            f" {len(samples)} have none: {', '.join(lacking[:5])}; add them to the"
            " table of scans or choose another objective"
        )
        raise InputError(msg)
    return tuple(ages)


def _years(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return math.nan
