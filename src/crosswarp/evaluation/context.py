"""What is known of the people behind the predictions, where the run says it lies."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.tables import read_table
from crosswarp.files import read_settings

EXPERIMENT = "experiment.yaml"
LEDGER = "ledger.tsv"

SCAN = ["participant_id", "session_id"]
FIELD_STRENGTH = "field_strength_t"
HEAD_SIZE = "brain_volume_cm3"

FOLD_COLUMNS = ["repeat", "fold", "participant_id", "split"]


@dataclass(frozen=True)
class Context:
    """Tables that a run's experiment file names.

    Attributes:
        scans: One row a scan, by participant and session: ``age_years``, ``sex``,
            ``site`` and, where known, ``field_strength_t`` (text) and
            ``brain_volume_cm3``. Missing values are NaN. None without a cohort.
        folds: The fold table; None without one.
        reason: Why there is no cohort; None where there is.
    """

    scans: pd.DataFrame | None = None
    folds: pd.DataFrame | None = None
    reason: str | None = "only predictions were given"


def read_context(run: Path) -> Context:
    """Read the cohort, the ledger of the derivatives and the folds of a run.

    What is not there is left out: the metrics need predictions only.

    Args:
        run: Folder with ``experiment.yaml``, whose relative paths count from it.

    Raises:
        InputError: If a file is there and not sound.
    """
    path = run / EXPERIMENT
    if not path.is_file():
        return Context(reason=f"the run has no {EXPERIMENT}")
    settings = read_settings(path)
    places = {
        name: run / settings[name]
        for name in ("cohort", "derivatives", "folds")
        if isinstance(settings.get(name), str)
    }
    folds = places.get("folds")
    has_folds = folds is not None and folds.is_file()
    table = read_table(folds, FOLD_COLUMNS) if folds and has_folds else None
    cohort = places.get("cohort")
    if cohort is None or not cohort.is_file():
        return Context(None, table, f"no cohort table where {EXPERIMENT} says")
    scans = _cohort(cohort)
    ledger = places["derivatives"] / LEDGER if "derivatives" in places else None
    if ledger is not None and ledger.is_file():
        scans = scans.join(_head_sizes(ledger))
    return Context(scans, table, None)


def _cohort(path: Path) -> pd.DataFrame:
    cohort = read_cohort(path)
    known = cohort[[*SCAN, "age_years", "sex", "site"]].set_index(SCAN)
    known[["sex", "site"]] = known[["sex", "site"]].replace(NOT_AVAILABLE, None)
    fields = cohort.set_index(SCAN)[FIELD_STRENGTH]
    if fields.notna().any():
        known[FIELD_STRENGTH] = fields.map("{:g}".format, na_action="ignore")
    return known


def _head_sizes(path: Path) -> pd.DataFrame:
    ledger = _by_scan(read_table(path, SCAN, text=SCAN))
    if HEAD_SIZE not in ledger:
        return ledger[[]]
    sizes = pd.to_numeric(ledger[HEAD_SIZE], errors="coerce")
    # A scan that was done twice has its last row.
    return sizes[~sizes.index.duplicated(keep="last")].to_frame()


def _by_scan(table: pd.DataFrame) -> pd.DataFrame:
    session = table["session_id"].astype("object").fillna(NOT_AVAILABLE)
    return table.assign(session_id=session).set_index(SCAN)
