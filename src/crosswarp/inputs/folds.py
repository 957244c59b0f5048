"""Who is trained on, chosen by and tested on: by participant, never by scan."""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import InputError
from crosswarp.inputs.fold_checks import HELD_OUT, check_folds, diagnoses_of
from crosswarp.inputs.fold_choices import FoldChoices

COLUMNS: Final = ("repeat", "fold", "participant_id", "split")


def make_folds(
    cohort: pd.DataFrame,
    folds: int = 5,
    repeats: int = 1,
    seed: int = 0,
    validation_fraction: float = 0.2,
) -> pd.DataFrame:
    """Assign participants to stratified folds.

    A participant with several scans counts once, with the diagnosis of the first
    session. The result does not depend on the order of the cohort's rows.

    Args:
        cohort: Table of scans with ``participant_id``, ``session_id`` and
            ``diagnosis``.
        folds: Number of folds of one repeat, 2 or more.
        repeats: Number of times the cross-validation is repeated.
        seed: Random seed of the assignment.
        validation_fraction: Fraction of each training set held out to choose epochs
            and thresholds; at least one of each diagnosis unless it is 0.

    Returns:
        One row a repeat, fold and participant: ``repeat``, ``fold``,
        ``participant_id``, ``split``.

    Raises:
        InputError: If a diagnosis has fewer participants than folds, or so few that
            a fold would have none of it to train on.
    """
    FoldChoices(folds, repeats, seed, validation_fraction).check()
    people = diagnoses_of(cohort)
    check_enough(people, folds)
    rows = []
    for repeat in range(repeats):
        dealer = StratifiedKFold(folds, shuffle=True, random_state=seed + repeat)
        dealt = dealer.split(np.zeros(len(people)), people["diagnosis"])
        for fold, (_, tested) in enumerate(dealt):
            rng = np.random.default_rng([seed, repeat, fold])
            split = np.full(len(people), "train", dtype=object)
            split[tested] = "test"
            split[_validation(people, split, validation_fraction, rng)] = "val"
            rows.append(
                pd.DataFrame(
                    {
                        "repeat": repeat,
                        "fold": fold,
                        "participant_id": people["participant_id"],
                        "split": split,
                    }
                )
            )
    made = pd.concat(rows, ignore_index=True)
    check_folds(made, cohort)
    return made


def read_folds(path: Path) -> pd.DataFrame:
    """Read a table of folds. It is not checked: that takes a cohort.

    Returns:
        The columns that every table of folds has, and ``held_out`` where it is there.

    Raises:
        InputError: If the file is no such table.
    """
    text = [*COLUMNS[2:], HELD_OUT]
    folds = read_table(path, COLUMNS, text=text, whole=COLUMNS[:2])
    return folds[[name for name in (*COLUMNS, HELD_OUT) if name in folds]]


def write_folds(path: Path, folds: pd.DataFrame) -> None:
    """Write a table of folds, sorted."""
    write_table(path, folds.sort_values(["repeat", "fold", "participant_id"]))


def check_enough(people: pd.DataFrame, folds: int) -> None:
    """Refuse more folds than a diagnosis has participants.

    Args:
        people: One row a participant, with ``diagnosis``.
        folds: Number of folds.

    Raises:
        InputError: Naming the diagnoses that are too few.
    """
    counts = people["diagnosis"].value_counts()
    # One to test on, one to train on, in every fold; StratifiedKFold would only warn.
    few = {str(name): int(n) for name, n in counts.items() if n < folds}
    if len(people) < folds or few:
        listed = ", ".join(f"{n} with {name}" for name, n in sorted(few.items()))
        msg = (
            f"{folds} folds need {folds} participants of each diagnosis, the cohort has"
            f" {listed or len(people)}; ask for fewer folds, or leave a rare diagnosis"
            " out of the cohort (`drop`), or merge it with another (`mapping`)"
        )
        raise InputError(msg)


def _validation(
    people: pd.DataFrame,
    split: np.ndarray,
    fraction: float,
    rng: np.random.Generator,
) -> list[int]:
    """Choose rows for validation: of each diagnosis, whatever the rounding.

    scikit-learn's stratified splits may leave a small class out.
    """
    chosen: list[int] = []
    if fraction == 0:
        return chosen
    for name in sorted(people["diagnosis"].unique()):
        left = np.flatnonzero((people["diagnosis"] == name) & (split == "train"))
        wanted = validation_size(len(left), fraction, name)
        chosen += rng.permutation(left)[:wanted].tolist()
    return chosen


def validation_size(count: int, fraction: float, diagnosis: str) -> int:
    """Compute how many participants of a diagnosis validate: one at least.

    Args:
        count: Number of those who are not tested.
        fraction: Fraction of them that is held out.
        diagnosis: Name of the diagnosis, for the message.

    Raises:
        InputError: If none would be left to train on.
    """
    wanted = max(round(fraction * count), 1)
    if wanted >= count:
        msg = (
            f"{count} participants with {diagnosis} are too few to train on and to"
            " choose by in one fold; ask for fewer folds or a smaller validation"
            " fraction"
        )
        raise InputError(msg)
    return wanted
