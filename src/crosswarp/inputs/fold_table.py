"""A table of folds for a table of a cohort, never over another one."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.new_table import new_table
from crosswarp.bids.tables import write_table
from crosswarp.errors import InputError
from crosswarp.inputs.apply_published import apply_published
from crosswarp.inputs.balance import (
    BALANCE_COLUMNS,
    balance_of,
    balance_path,
    largest_difference,
)
from crosswarp.inputs.fold_checks import UNUSED, check_folds
from crosswarp.inputs.fold_choices import FoldChoices
from crosswarp.inputs.fold_designs import MadeFolds, check_groups, make_chosen_folds
from crosswarp.inputs.folds import COLUMNS, read_folds, write_folds
from crosswarp.inputs.published import read_published, write_published
from crosswarp.inputs.samples import find_samples
from crosswarp.inputs.scan_files import Derivatives


@dataclass(frozen=True)
class FoldFiles:
    """Where folds come from, and what is written besides the table of folds.

    Attributes:
        own: Table of folds of the user's own, which is checked and taken as it is.
        apply: Published split, which is applied to the cohort.
        balance: Columns of the table of balance, besides diagnosis, age, sex and site.
        publish: File to write, with the split by salted hashes.
        salt: Salt of the hashes; a random one when None.
    """

    own: Path | None = None
    apply: Path | None = None
    balance: tuple[str, ...] = ()
    publish: Path | None = None
    salt: str | None = None

    def check(self, chosen: FoldChoices) -> None:
        """Refuse what does not go together.

        Args:
            chosen: How folds are made where they are not given.

        Raises:
            InputError: Saying what to leave out.
        """
        faults = []
        given = [name for name in ("own", "apply") if getattr(self, name) is not None]
        if len(given) == 2:
            faults.append("`own` and `apply` both give the folds; give one of them")
        made = ("stratify", "leave_one_out", "test_where") if given else ()
        faults += [
            f"`{name}` says how folds are made, and `{given[0]}` gives them; leave one"
            " of them out"
            for name in made
            if getattr(chosen, name)
        ]
        if self.salt is not None and self.publish is None:
            faults.append("`salt` is of the file that `publish` names; give both")
        if faults:
            raise InputError("; ".join(faults))


@dataclass(frozen=True)
class WrittenFolds:
    """What was written.

    Attributes:
        summary: Sentences that say what was written.
        remarks: Sentences with what limits the folds.
    """

    summary: list[str]
    remarks: list[str]


def write_new_folds(
    cohort: Path,
    out: Path,
    choices: FoldChoices | None = None,
    files: FoldFiles | None = None,
    *,
    maps: Derivatives | None = None,
    overwrite: bool = False,
) -> WrittenFolds:
    """Assign the participants of a cohort to folds, and write the table.

    Beside it is written the table of balance.

    Args:
        cohort: Table of scans.
        out: Table to write.
        choices: How the folds are made; the defaults when None.
        files: Folds that are given, and what is written more.
        maps: Where maps are: participants without any are left out; none are if None.
        overwrite: Replace an older table of folds.

    Returns:
        Sentences that say what was written, and what to know of it.

    Raises:
        MissingDerivativeError: If no participant has maps.
        InputError: If the cohort cannot be read, or the choices cannot be followed.
        LeakageError: If folds that are given leak.
        OccupiedError: If another table is there.
    """
    chosen, more = choices or FoldChoices(), files or FoldFiles()
    more.check(chosen)
    read = [path for path in (cohort, more.own, more.apply) if path is not None]
    with new_table(out, COLUMNS, inputs=read, overwrite=overwrite) as temporary:
        table = _cohort(cohort, maps)
        made = folds_for(table, chosen, more)
        balance = balance_of(made.table, table, more.balance)
        write_folds(temporary, made.table)
    summary = [f"{_counted(made.table)} in {out}"]
    beside = balance_path(out)
    with new_table(beside, BALANCE_COLUMNS, inputs=read, overwrite=True) as temporary:
        write_table(temporary, balance)
    largest = largest_difference(balance)
    summary.append(f"balance in {beside}" + (f": {largest}" if largest else ""))
    if more.publish is not None:
        summary.append(
            write_published(more.publish, made.table, more.salt, overwrite=overwrite)
        )
    return WrittenFolds(summary, made.remarks)


def folds_for(cohort: pd.DataFrame, chosen: FoldChoices, files: FoldFiles) -> MadeFolds:
    """Make folds, or take those that are given.

    Args:
        cohort: Table of scans.
        chosen: How folds are made; of given ones, the group that must stay together.
        files: Folds that are given, if any.

    Raises:
        InputError: As `make_chosen_folds`, `read_folds`, `read_published`.
        LeakageError: If folds that are given leak.
    """
    if files.own is not None:
        made = MadeFolds(read_folds(files.own))
        check_folds(made.table, cohort)
    elif files.apply is not None:
        made = apply_published(cohort, read_published(files.apply))
    else:
        return make_chosen_folds(cohort, chosen)
    if chosen.group is not None:
        check_groups(made.table, cohort, chosen.group)
    return made


def _cohort(path: Path, maps: Derivatives | None) -> pd.DataFrame:
    """Read the cohort: all of it, or the participants who have maps."""
    table = read_cohort(path)
    if maps is None:
        return table
    samples = find_samples(table, maps, allow_missing=True)
    there = {files.scan.participant_id for files in samples}
    return table[table["participant_id"].isin(there)]


def _counted(folds: pd.DataFrame) -> str:
    used = folds[folds["split"] != UNUSED]
    people, repeats = used["participant_id"].nunique(), used["repeat"].nunique()
    count = used.groupby("repeat")["fold"].nunique().max()
    return f"{people} participants, {repeats} x {count} folds"
