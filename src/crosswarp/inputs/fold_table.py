"""A table of folds for a table of a cohort, never over another one."""

from dataclasses import dataclass
from pathlib import Path

from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.new_table import new_table
from crosswarp.inputs.folds import COLUMNS, make_folds, write_folds
from crosswarp.inputs.samples import Derivatives, find_samples


@dataclass(frozen=True)
class FoldChoices:
    """How folds are made; see `make_folds`.

    Attributes:
        folds: Number of folds.
        repeats: Number of times the cross-validation is repeated.
        seed: Seed of all random draws.
        validation_fraction: Fraction of each training set held out.
    """

    folds: int = 5
    repeats: int = 1
    seed: int = 0
    validation_fraction: float = 0.2


def write_new_folds(
    cohort: Path,
    out: Path,
    choices: FoldChoices | None = None,
    *,
    maps: Derivatives | None = None,
    overwrite: bool = False,
) -> str:
    """Assign the participants of a cohort to folds, and write the table.

    Args:
        cohort: Table of scans.
        out: Table to write.
        choices: How the folds are made; the defaults when None.
        maps: Where maps are: participants without any are left out; none are if None.
        overwrite: Replace an older table of folds.

    Returns:
        A sentence that says what was written.

    Raises:
        MissingDerivativeError: If no participant has maps.
        InputError: If the cohort cannot be read, or is too small for so many folds.
        OccupiedError: If another table is there.
    """
    chosen = choices or FoldChoices()
    with new_table(out, COLUMNS, inputs=[cohort], overwrite=overwrite) as temporary:
        table = read_cohort(cohort)
        if maps is not None:
            samples = find_samples(table, maps, allow_missing=True)
            there = {files.scan.participant_id for files in samples}
            table = table[table["participant_id"].isin(there)]
        made = make_folds(table, **vars(chosen))
        write_folds(temporary, made)
    people = table["participant_id"].nunique()
    return f"{people} participants, {chosen.repeats} x {chosen.folds} folds in {out}"
