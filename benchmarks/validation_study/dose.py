"""Dose-response: how much of a known change of volume does the chain find?"""

from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.validation_study.chain import Case, found_and_true
from benchmarks.validation_study.pieces import done_or_made

EXPERIMENT: Final = "dose"

DOSES: Final = (0.0, 0.30, 0.10, 0.20, 0.05)
"""Shares of volume; the ends first, so that a study that is cut off says most."""


def dose_response(work: Path, participants: int, registration: str) -> None:
    """Scan the same participants with every dose.

    Args:
        work: Folder of the study.
        participants: How many; the real heads take turns.
        registration: As for ``crosswarp preprocess --registration``.
    """
    for number in range(1, participants + 1):
        for dose in DOSES:
            done_or_made(
                work,
                f"{EXPERIMENT}/{registration}-sub-{number:03d}-{100 * dose:03.0f}",
                partial(found_and_true, work, Case(number, dose), registration),
            )


def changes(rows: pd.DataFrame, structure: str, keys: list[str]) -> pd.DataFrame:
    """Compare each scan with the same participant's scan without the disease.

    Args:
        rows: As `found_and_true` returns them; those that failed are left out.
        structure: Which.
        keys: Columns that say which scans belong together, besides the
            registration and ``number``.

    Returns:
        Rows with a dose: ``true`` and ``found``, change of volume as a share.
    """
    done = rows[rows["status"] == "ok"]
    columns = [f"true_{structure}", f"found_{structure}"]
    key = ["registration", "number", *keys]
    healthy = done[done["dose"] == 0][[*key, *columns]]
    sick = done[done["dose"] > 0].merge(healthy, on=key, suffixes=("", "_healthy"))
    return sick.assign(
        true=sick[columns[0]] / sick[f"{columns[0]}_healthy"] - 1,
        found=sick[columns[1]] / sick[f"{columns[1]}_healthy"] - 1,
    )[[*key, "head", "dose", "true", "found"]]
