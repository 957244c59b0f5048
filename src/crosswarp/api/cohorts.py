"""Tables of scans and of cross-validation folds."""

import pandas as pd

from crosswarp.api.paths import PathLike, as_path
from crosswarp.bids import cohort as tables
from crosswarp.bids.new_table import new_table
from crosswarp.inputs import folds as of_folds


def read_cohort(path: PathLike) -> pd.DataFrame:
    """Read a cohort table: which scans an analysis is about.

    Args:
        path: Table of tab-separated values (``.tsv``), such as `crosswarp cohort`
            writes, with the columns ``participant_id``, ``session_id`` and
            ``diagnosis``. Ages, sexes, sites and columns of your own are kept.

    Returns:
        One row per scan, sorted. Text is ``n/a`` where a value is not known.
        ``age_years`` (years) and ``field_strength_t`` (tesla) are numbers, NaN where
        they are not known.

    Raises:
        InputError: If columns are missing, a scan is listed twice, or a value cannot be
            read. The message names up to five of the faults.
        MissingDerivativeError: If there is no such file.

    Examples:
        >>> cohort = crosswarp.read_cohort(study / "cohort.tsv")
        >>> cohort.loc[:1, ["participant_id", "diagnosis"]].values.tolist()
        [['sub-001', 'CN'], ['sub-002', 'AD']]
    """
    return tables.read_cohort(as_path(path))


def make_folds(
    cohort: pd.DataFrame | PathLike,
    *,
    folds: int = 5,
    repeats: int = 1,
    seed: int = 0,
    validation_fraction: float = 0.2,
    out: PathLike | None = None,
    overwrite: bool = False,
) -> pd.DataFrame:
    """Assign participants to stratified cross-validation folds.

    All scans of a participant are in the same split of a fold.

    Args:
        cohort: Cohort table as `read_cohort` returns it, or its path.
        folds: Number of folds, 2 or more.
        repeats: Number of times the cross-validation is repeated.
        seed: Random seed of the assignment.
        validation_fraction: Fraction of each training set held out for model
            selection, from 0 to below 1.
        out: Table to write (``.tsv``), for an experiment file to name. Nothing is
            written when None.
        overwrite: Replace another table of folds at ``out``.

    Returns:
        One row per repeat, fold and participant with the columns ``repeat``, ``fold``,
        ``participant_id`` and ``split`` (``train``, ``val`` or ``test``).

    Raises:
        InputError: If a diagnosis has fewer participants than there are folds, or an
            argument is out of range.
        OccupiedError: If ``out`` holds something else, or other folds without
            ``overwrite``.

    Examples:
        >>> folds = crosswarp.make_folds(study / "cohort.tsv", folds=2)
        >>> tested = folds[folds["split"] == "test"]
        >>> tested.groupby("fold")["participant_id"].count().tolist()
        [4, 4]
    """
    table = cohort if isinstance(cohort, pd.DataFrame) else read_cohort(cohort)
    made = of_folds.make_folds(table, folds, repeats, seed, validation_fraction)
    if out is not None:
        read = [] if isinstance(cohort, pd.DataFrame) else [as_path(cohort)]
        path, columns = as_path(out), of_folds.COLUMNS
        with new_table(path, columns, inputs=read, overwrite=overwrite) as temporary:
            of_folds.write_folds(temporary, made)
    return made
