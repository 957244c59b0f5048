"""Tables of scans and of cross-validation folds."""

import difflib
import warnings
from collections.abc import Sequence
from typing import TypedDict, Unpack

import pandas as pd

from crosswarp.api.paths import PathLike, as_path
from crosswarp.bids import cohort as tables
from crosswarp.bids.new_table import new_table
from crosswarp.errors import InputError
from crosswarp.inputs import folds as of_folds
from crosswarp.inputs.fold_choices import AGE_EDGES, FoldChoices
from crosswarp.inputs.fold_table import FoldFiles, folds_for
from crosswarp.inputs.published import write_published


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


class FoldDesign(TypedDict, total=False):
    """Further choices of `make_folds` by name.

    Attributes:
        stratify: Columns to balance the folds by besides the diagnosis, such as
            ``sex``, ``age`` (in bands) and ``site``.
        age_edges: Ages (years) at which the bands of ``age`` begin.
        group: Column of participants who stay in one fold, such as a family.
        leave_one_out: Column of which each value is held out in turn, such as
            ``site``.
        test_where: Participants who are tested only, each as ``column=value``.
        apply: Published split to rebuild for this cohort, instead of making folds.
        publish: File to write (``.json``), with the split by salted hashes of ids.
        salt: Salt of the hashes, 8 characters or more; a random one when None.
    """

    stratify: Sequence[str]
    age_edges: Sequence[float]
    group: str | None
    leave_one_out: str | None
    test_where: Sequence[str]
    apply: PathLike | None
    publish: PathLike | None
    salt: str | None


def make_folds(
    cohort: pd.DataFrame | PathLike,
    *,
    folds: int = 5,
    repeats: int = 1,
    seed: int = 0,
    validation_fraction: float = 0.2,
    out: PathLike | None = None,
    overwrite: bool = False,
    **design: Unpack[FoldDesign],
) -> pd.DataFrame:
    """Assign participants to stratified cross-validation folds.

    All scans of a participant are in the same split of a fold. What limits the folds,
    such as a site without AD, is said in a warning.

    Args:
        cohort: Cohort table as `read_cohort` returns it, or its path.
        folds: Number of folds, 2 or more; not used with ``leave_one_out`` or
            ``test_where``.
        repeats: Number of times the cross-validation is repeated.
        seed: Random seed of the assignment.
        validation_fraction: Fraction of each training set held out for model
            selection, from 0 to below 1.
        out: Table to write (``.tsv``), for an experiment file to name. Nothing is
            written when None.
        overwrite: Replace another table of folds at ``out``, or another published
            split.
        **design: Choices by name, see `FoldDesign`: ``stratify``, ``age_edges``,
            ``group``, ``leave_one_out``, ``test_where``, ``apply``, ``publish`` and
            ``salt``.

    Returns:
        One row per repeat, fold and participant with the columns ``repeat``, ``fold``,
        ``participant_id`` and ``split`` (``train``, ``val`` or ``test``; ``unused`` for
        those whom a published split does not have). Where test parts are given by a
        column, ``held_out`` names it and its value.

    Raises:
        InputError: If a diagnosis has fewer participants than there are folds, or an
            argument is out of range.
        LeakageError: If relatives are on both sides of a test part that a column gives.
        OccupiedError: If ``out`` holds something else, or other folds without
            ``overwrite``.

    Examples:
        >>> folds = crosswarp.make_folds(study / "cohort.tsv", folds=2)
        >>> tested = folds[folds["split"] == "test"]
        >>> tested.groupby("fold")["participant_id"].count().tolist()
        [4, 4]
    """
    table = cohort if isinstance(cohort, pd.DataFrame) else read_cohort(cohort)
    plain = folds, repeats, seed, validation_fraction
    chosen, files = _chosen(plain, design)
    made = folds_for(table, chosen, files)
    if out is not None:
        read = [] if isinstance(cohort, pd.DataFrame) else [as_path(cohort)]
        path, columns = as_path(out), of_folds.COLUMNS
        with new_table(path, columns, inputs=read, overwrite=overwrite) as temporary:
            of_folds.write_folds(temporary, made.table)
    if files.publish is not None:
        write_published(files.publish, made.table, files.salt, overwrite=overwrite)
    for sentence in made.remarks:
        warnings.warn(sentence, stacklevel=2)
    return made.table


def _chosen(
    plain: tuple[int, int, int, float], design: FoldDesign
) -> tuple[FoldChoices, FoldFiles]:
    """Check the choices of a design, and bring them to what the library takes."""
    known = FoldDesign.__annotations__
    unknown = [name for name in design if name not in known]
    if unknown:
        near = difflib.get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
        msg = f"make_folds(): no argument {unknown[0]}; {hint}"
        raise InputError(msg)
    chosen = FoldChoices(
        *plain,
        stratify=tuple(design.get("stratify", ())),
        age_edges=tuple(map(float, design.get("age_edges", AGE_EDGES))),
        group=design.get("group"),
        leave_one_out=design.get("leave_one_out"),
        test_where=tuple(design.get("test_where", ())),
    )
    apply, publish = design.get("apply"), design.get("publish")
    files = FoldFiles(
        apply=None if apply is None else as_path(apply),
        publish=None if publish is None else as_path(publish),
        salt=design.get("salt"),
    )
    files.check(chosen)
    return chosen, files
