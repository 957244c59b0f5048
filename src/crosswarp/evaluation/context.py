"""What is known of the people behind the predictions, where the run says it lies."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from crosswarp.bids.cohort import COLUMNS, read_cohort
from crosswarp.bids.columns import extra_columns
from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.ledger import LEDGER, read_ledger
from crosswarp.bids.sessions import first_scans
from crosswarp.bids.tables import numbers_of, read_table
from crosswarp.study.experiment import COVARIATES, read_run_experiment
from crosswarp.study.names import EXPERIMENT

SCAN = ["participant_id", "session_id"]
FIELD_STRENGTH = "field_strength_t"
HEAD_SIZE = "intracranial_volume_cm3"
BRAIN_VOLUME = "brain_volume_cm3"

SIZES = (HEAD_SIZE, BRAIN_VOLUME)
"""Columns of the ledger that measure a head, the better first: a brain's volume, which
disease shrinks, stands in where no scan has the other (stripped scans, older maps)."""

FOLD_COLUMNS = ["repeat", "fold", "participant_id", "split"]

HELD_OUT = "held_out"
"""Column of some fold tables: column and value that a fold's test part shares."""


@dataclass(frozen=True)
class Context:
    """Tables that a run's experiment file names.

    Attributes:
        scans: One row a scan, by participant and session: ``age_years``, ``sex``,
            ``site``, columns of the user's own and, where known,
            ``field_strength_t`` (text) and the columns of `SIZES`. Missing values are
            NaN. None without a cohort.
        folds: The fold table; None without one.
        diagnoses: Label of the first scan of each participant, by participant and
            session; None without a cohort.
        reason: Why there is no cohort; None where there is.
        covariates: Columns that the model without maps is fitted on.
    """

    scans: pd.DataFrame | None = None
    folds: pd.DataFrame | None = None
    reason: str | None = "only predictions were given"
    covariates: tuple[str, ...] = COVARIATES
    diagnoses: "pd.Series[str] | None" = None


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
    chosen = read_run_experiment(run)
    cohort, derivatives, folds = (
        chosen.place(run, name) for name in ("cohort", "derivatives", "folds")
    )
    table = _folds(folds) if folds and folds.is_file() else None
    if cohort is None or not cohort.is_file():
        return Context(None, table, f"no cohort table where {EXPERIMENT} says")
    scans = known_scans(cohort, derivatives, chosen.space, chosen.resolution)
    first = first_scans(read_cohort(cohort)).set_index(SCAN)
    return Context(scans, table, None, chosen.covariates, first["diagnosis"])


def known_scans(
    cohort: Path, derivatives: Path | None, space: str | None, resolution: int | None
) -> pd.DataFrame:
    """Read what is known of each scan, as `Context.scans` has it.

    Args:
        cohort: Path of the cohort table.
        derivatives: Folder of the maps, whose ledger has the sizes of heads; None
            without one.
        space: Name of the template; any when None.
        resolution: Spacing of the maps, in mm; any when None.

    Raises:
        InputError: If a table is not sound.
    """
    scans = _cohort(cohort)
    ledger = None if derivatives is None else derivatives / LEDGER
    if ledger is None or not ledger.is_file():
        return scans
    own = scans.drop(columns=list(SIZES), errors="ignore")
    known = own.join(_head_sizes(ledger, space, resolution))
    if set(SIZES) <= set(known) and known[HEAD_SIZE].isna().all():
        return known.drop(columns=HEAD_SIZE)
    return known


def _folds(path: Path) -> pd.DataFrame:
    text, whole = [*FOLD_COLUMNS[2:], HELD_OUT], FOLD_COLUMNS[:2]
    return read_table(path, FOLD_COLUMNS, text=text, whole=whole)


def _cohort(path: Path) -> pd.DataFrame:
    cohort = read_cohort(path)
    words = ["sex", "site", *extra_columns(list(cohort.columns), COLUMNS)]
    known = cohort[[*SCAN, "age_years", *words]].set_index(SCAN)
    known[words] = known[words].replace(NOT_AVAILABLE, None)
    fields = cohort.set_index(SCAN)[FIELD_STRENGTH]
    if fields.notna().any():
        known[FIELD_STRENGTH] = fields.map("{:g}".format, na_action="ignore")
    return known


def _head_sizes(path: Path, space: str | None, resolution: int | None) -> pd.DataFrame:
    """Read the sizes of heads, as they were measured for the maps of the run."""
    ledger = _by_scan(read_ledger(path, space, resolution))
    sizes = pd.DataFrame(
        {name: numbers_of(ledger[name]) for name in SIZES if name in ledger},
        index=ledger.index,
    )
    sizes = sizes.where((sizes > 0) & (sizes < float("inf")))
    # A scan that was done twice has its last row.
    return sizes[~sizes.index.duplicated(keep="last")]


def _by_scan(table: pd.DataFrame) -> pd.DataFrame:
    session = table["session_id"].astype("object").fillna(NOT_AVAILABLE)
    return table.assign(session_id=session).set_index(SCAN)
