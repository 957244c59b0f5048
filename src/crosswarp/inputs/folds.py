"""Who is trained on, chosen by and tested on: by participant, never by scan."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from crosswarp.bids.matching import match_ids, some
from crosswarp.bids.sessions import first_scans
from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import InputError, LeakageError

Split = Literal["train", "val", "test"]

COLUMNS: Final = ("repeat", "fold", "participant_id", "split")
SPLITS: Final = ("train", "val", "test")


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
    _check_choices(folds, repeats, validation_fraction)
    people = _people(cohort)
    _check_enough(people, folds)
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


def check_folds(
    folds: pd.DataFrame,
    cohort: pd.DataFrame,
    classes: Sequence[str] | None = None,
) -> None:
    """Refuse folds with which a result would be worthless.

    Args:
        folds: As `make_folds` returns them.
        cohort: The scans of the analysis, with ``participant_id`` and ``diagnosis``.
            Participants of the folds who are not in it do not matter.
        classes: Diagnoses that each split must have; those of the cohort when None.

    Raises:
        LeakageError: If a participant is in two splits of a fold, is tested in two
            folds of one repeat, or is missing from a fold.
        InputError: If a split is unknown, or a fold has no test or training part, or
            one of its splits lacks a class.
    """
    unknown = sorted({str(s) for s in folds["split"]} - set(SPLITS))
    if unknown:
        msg = f"split must be train, val or test, got {', '.join(unknown)}"
        raise InputError(msg)
    if folds.empty:
        msg = "the table of folds is empty; make it with: crosswarp folds"
        raise InputError(msg)
    cell = ["repeat", "fold", "participant_id"]
    _refuse(folds[folds.duplicated(cell)], "is in more than one split of a fold")
    tested = folds[folds["split"] == "test"]
    _refuse(
        tested[tested.duplicated(["repeat", "participant_id"])],
        "is tested in more than one fold of a repeat",
    )
    wanted = set(cohort["participant_id"])
    diagnoses = _people(cohort).set_index("participant_id")["diagnosis"]
    for (repeat, fold), part in folds.groupby(["repeat", "fold"]):
        place = f"repeat {repeat}, fold {fold}"
        absent = sorted(wanted - set(part["participant_id"]))
        if absent:
            hint = _respelt(absent, sorted(set(part["participant_id"]) - wanted))
            msg = f"{place} does not say where {some(absent)} belongs{hint}"
            raise LeakageError(msg)
        _check_classes(part, diagnoses, classes, place)


def read_folds(path: Path) -> pd.DataFrame:
    """Read a table of folds. It is not checked: that takes a cohort.

    Raises:
        InputError: If the file is no such table.
    """
    folds = read_table(path, COLUMNS, text=COLUMNS[2:], whole=COLUMNS[:2])
    return folds[list(COLUMNS)]


def write_folds(path: Path, folds: pd.DataFrame) -> None:
    """Write a table of folds, sorted."""
    write_table(path, folds.sort_values(["repeat", "fold", "participant_id"]))


def _check_choices(folds: int, repeats: int, validation_fraction: float) -> None:
    faults = []
    if folds < 2:
        faults.append(f"folds must be 2 or more, got {folds}")
    if repeats < 1:
        faults.append(f"repeats must be 1 or more, got {repeats}")
    if not 0 <= validation_fraction < 1:
        faults.append(
            f"the validation fraction must be from 0 to below 1, got"
            f" {validation_fraction}"
        )
    if faults:
        raise InputError("; ".join(faults))


def _people(cohort: pd.DataFrame) -> pd.DataFrame:
    """One row a participant, with the diagnosis of the first session."""
    ordered = first_scans(cohort.assign(session_id=cohort.get("session_id")))
    return ordered[["participant_id", "diagnosis"]].reset_index(drop=True)


def _check_enough(people: pd.DataFrame, folds: int) -> None:
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
        wanted = max(round(fraction * len(left)), 1)
        if wanted >= len(left):
            msg = (
                f"{len(left)} participants with {name} are too few to train on and to"
                " choose by in one fold; ask for fewer folds or a smaller validation"
                " fraction"
            )
            raise InputError(msg)
        chosen += rng.permutation(left)[:wanted].tolist()
    return chosen


def _check_classes(
    part: pd.DataFrame,
    diagnoses: "pd.Series[str]",
    classes: Sequence[str] | None,
    place: str,
) -> None:
    wanted = set(diagnoses) if classes is None else set(classes)
    found = part.assign(diagnosis=part["participant_id"].map(diagnoses)).dropna()
    for split in SPLITS:
        has = set(found.loc[found["split"] == split, "diagnosis"])
        if not has and split == "val":
            continue  # nothing is chosen in such a fold; training says if it must be
        lacking = sorted(wanted - has)
        if lacking:
            msg = (
                f"{place} has no participant with {', '.join(lacking)} in {split};"
                " make folds of this cohort with: crosswarp folds"
            )
            raise InputError(msg)


def _refuse(rows: pd.DataFrame, fault: str) -> None:
    if len(rows):
        names = sorted(set(rows["participant_id"]))
        msg = f"{some(names)} {fault}; make folds by participant: crosswarp folds"
        raise LeakageError(msg)


def _respelt(absent: list[str], others: list[str]) -> str:
    """Name one that is there under another spelling; empty when there is none."""
    for name, row in match_ids(absent, others, "sub-").found.items():
        return f"; the table of folds has {row}: write {name}"
    return ""
