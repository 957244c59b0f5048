"""Folds with which a result would be worthless are refused, with the participants."""

from collections.abc import Sequence
from typing import Final, Literal

import pandas as pd

from crosswarp.bids.matching import match_ids, some
from crosswarp.bids.sessions import first_scans
from crosswarp.errors import InputError, LeakageError

Split = Literal["train", "val", "test"]

SPLITS: Final = ("train", "val", "test")

UNUSED: Final = "unused"
"""Split of participants who are in the cohort and in no part of any fold."""

HELD_OUT: Final = "held_out"
"""Optional column: column and value that a fold's test part has in common, such as
``site=S2``. Such a test part may lack a class."""

_MEND: Final = "make folds of this cohort with: crosswarp folds"


def check_folds(
    folds: pd.DataFrame,
    cohort: pd.DataFrame,
    classes: Sequence[str] | None = None,
    mend: str = _MEND,
) -> None:
    """Refuse folds with which a result would be worthless.

    Args:
        folds: As `make_folds` returns them; with ``held_out``, test parts may lack a
            class, as long as a fold of each repeat has them all.
        cohort: The scans of the analysis, with ``participant_id`` and ``diagnosis``.
            Participants of the folds who are not in it do not matter.
        classes: Diagnoses that each split must have; those of the cohort when None.
        mend: What the message tells to do where a class is missing.

    Raises:
        LeakageError: If a participant is in two splits of a fold, is tested in two
            folds of one repeat, is missing from a fold, or is unused in some folds
            only.
        InputError: If a split is unknown, or a fold has no test or training part, or
            one of its splits lacks a class.
    """
    unknown = sorted({str(s) for s in folds["split"]} - {*SPLITS, UNUSED})
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
    left_out = unused_of(folds)
    used = folds[folds["split"] != UNUSED]
    _refuse(
        used[used["participant_id"].isin(left_out)],
        "is unused in some folds, and in a split of others",
    )
    wanted = set(cohort["participant_id"]) - left_out
    diagnoses = diagnoses_of(cohort).set_index("participant_id")["diagnosis"]
    for (repeat, fold), part in used.groupby(["repeat", "fold"]):
        place = f"repeat {repeat}, fold {fold}"
        absent = sorted(wanted - set(part["participant_id"]))
        if absent:
            hint = _respelt(absent, sorted(set(part["participant_id"]) - wanted))
            msg = f"{place} does not say where {some(absent)} belongs{hint}"
            raise LeakageError(msg)
    present = diagnoses[diagnoses.index.isin(list(wanted))]
    asked = set(present) if classes is None else set(classes)
    _check_classes(used, present, asked, mend)


def diagnoses_of(cohort: pd.DataFrame) -> pd.DataFrame:
    """List one row a participant, with the diagnosis of the first session."""
    ordered = first_scans(cohort.assign(session_id=cohort.get("session_id")))
    return ordered[["participant_id", "diagnosis"]].reset_index(drop=True)


def unused_of(folds: pd.DataFrame) -> set[str]:
    """List the participants whom a table of folds leaves out."""
    return set(folds.loc[folds["split"] == UNUSED, "participant_id"])


def without_empty_tests(folds: pd.DataFrame, tested: set[str]) -> pd.DataFrame:
    """Leave out folds that hold out a site with nobody of this analysis.

    Args:
        folds: As `read_folds` returns them.
        tested: Participants of the analysis.
    """
    if HELD_OUT not in folds:
        return folds
    has = (folds["split"] == "test") & folds["participant_id"].isin(list(tested))
    any_tested = has.groupby([folds["repeat"], folds["fold"]]).transform("any")
    return folds[any_tested | folds[HELD_OUT].isna()]


def _check_classes(
    used: pd.DataFrame, diagnoses: "pd.Series[str]", wanted: set[str], mend: str
) -> None:
    """Refuse splits that lack a class; a test part that is held out may."""
    found = used.assign(diagnosis=used["participant_id"].map(diagnoses))
    complete: dict[object, bool] = {}
    for (repeat, fold), part in found.groupby(["repeat", "fold"]):
        place = f"repeat {repeat}, fold {fold}"
        held_out = HELD_OUT in part and bool(part[HELD_OUT].notna().all())
        for split in SPLITS:
            has = set(part.loc[part["split"] == split, "diagnosis"].dropna())
            lacking = sorted(wanted - has)
            if split == "test":
                complete[repeat] = complete.get(repeat, False) or not lacking
            if not has and split == "val":
                continue  # nothing is chosen in such a fold; training says if it must
            if lacking and not (held_out and split == "test"):
                msg = (
                    f"{place} has no participant with {', '.join(lacking)} in {split};"
                    f" {mend}"
                )
                raise InputError(msg)
    without = [repeat for repeat, is_complete in complete.items() if not is_complete]
    if without:
        msg = (
            f"repeat {without[0]} has no test part with {' and '.join(sorted(wanted))}:"
            f" no AUC could be computed; {mend}"
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
