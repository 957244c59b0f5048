"""A study made in another way beside the usual one, of the same participants.

Run from the root of the repository, on each WORK in which `benchmarks.known_worlds` ran
in that way and without it, finished or not::

    python -m benchmarks.known_worlds.beside by-head TABLE.tsv WORK...
    python -m benchmarks.known_worlds.beside scanned TABLE.tsv WORK...

``by-head`` is what ``leave_one_out=head`` made, ``scanned`` what ``maps=scanned`` made.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from benchmarks.known_worlds.cohort import ORACLE
from benchmarks.known_worlds.results import (
    fold_areas,
    oracle_areas,
    summary,
    tested_rows,
)
from benchmarks.known_worlds.scanned import SCANNED
from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.tables import write_table
from crosswarp.study.names import COHORT

Pair = tuple[str, Path, Path, Path]
"""What a column is called, a cohort, its study made in another way, its usual study."""


def main(arguments: Sequence[str]) -> None:
    """Write the table."""
    way, table, *works = arguments
    rows = [
        row for work in works for pair in WAYS[way](Path(work)) for row in _rows(*pair)
    ]
    write_table(Path(table), pd.DataFrame(rows))


def by_head(work: Path) -> Iterator[Pair]:
    """Find cohorts that were tested on each real head in turn.

    Args:
        work: Folder of the studies.
    """
    for place in sorted(work.glob("study-by-head-*/*-*-*")):
        cohort = work / place.name
        heads = read_cohort(cohort / COHORT)["head"].nunique()
        usual = work / place.parent.name.replace("by-head-", "") / place.name
        yield f"{_world(cohort)}, {heads} heads", cohort, place, usual


def scanned(work: Path) -> Iterator[Pair]:
    """Find cohorts whose maps the chain made.

    Args:
        work: Folder of the studies.
    """
    for place in sorted(work.glob(f"{SCANNED}/study-*/*-*-*")):
        cohort = work / SCANNED / place.name
        number = len(read_cohort(cohort / COHORT))
        usual = work / place.parent.name / place.name
        yield f"{_world(cohort)}, {number} participants", cohort, place, usual


WAYS: Final[dict[str, Callable[[Path], Iterator[Pair]]]] = {
    "by-head": by_head,
    SCANNED: scanned,
}


def _world(cohort: Path) -> str:
    return cohort.name.rsplit("-", 2)[0]


def _rows(
    title: str, cohort: Path, study: Path, usual: Path
) -> Iterator[dict[str, Any]]:
    """Give each model's mean AUC in a study and in the usual one; so the oracle's."""
    beside = _areas(usual, cohort)
    for model, part in _areas(study, cohort).groupby("model"):
        same = summary(str(model), beside.loc[beside["model"] == model, "auc"])
        yield {
            "cohort": f"{title} ({cohort.name})",
            **summary(str(model), part["auc"]),
            "auc_usual": same["auc"],
            "sd_usual": same["sd"],
        }


def _areas(study: Path, cohort: Path) -> pd.DataFrame:
    """AUC of the oracle and each model in each fold."""
    tested = tested_rows(study)
    if not len(tested):
        return pd.DataFrame(columns=["model", "fold", "auc"])
    return pd.concat([oracle_areas(cohort / ORACLE, tested), fold_areas(tested)])


if __name__ == "__main__":
    main(sys.argv[1:])
