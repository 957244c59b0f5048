"""Folds by design: balanced in several columns, families, sites, a fixed test part."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from crosswarp.bids.matching import some
from crosswarp.errors import InputError, LeakageError
from crosswarp.inputs.fold_checks import HELD_OUT, check_folds
from crosswarp.inputs.fold_choices import FoldChoices
from crosswarp.inputs.folds import check_enough, make_folds, validation_size
from crosswarp.inputs.strata import Participants, find_column, known, participants_for
from crosswarp.inputs.stratification import assign, rooms

MOST_NAMED: Final = 12
"""Sites that one sentence names."""


@dataclass(frozen=True)
class MadeFolds:
    """Folds, and what a user should know of them.

    Attributes:
        table: As `make_folds` returns it; ``held_out`` is a column more where the test
            parts are values of a column.
        remarks: One sentence each.
    """

    table: pd.DataFrame
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _TestPart:
    """Participants that one fold tests, and the column and value that they share."""

    rows: np.ndarray
    held_out: str | None = None


def make_chosen_folds(cohort: pd.DataFrame, chosen: FoldChoices) -> MadeFolds:
    """Assign participants to folds as chosen; see `make_folds` for the plain ones.

    Validation parts are balanced by the same columns as test parts, and keep groups
    whole, too.

    Args:
        cohort: Table of scans, as for `make_folds`, with the columns that the choices
            name.
        chosen: Choices of the folds, not yet checked.

    Raises:
        InputError: If a choice cannot be followed, or a part would lack a diagnosis.
        LeakageError: If participants of one group are on both sides of a test part
            that is given by a column.
    """
    chosen.check()
    plain = chosen.folds, chosen.repeats, chosen.seed, chosen.validation_fraction
    if chosen.is_plain:
        return MadeFolds(make_folds(cohort, *plain))
    people = participants_for(cohort, chosen)
    given = _given_parts(cohort, people, chosen)
    rows = []
    for repeat in range(chosen.repeats):
        tests = given or _assigned(people, chosen, repeat)
        for fold, part in enumerate(tests):
            rng = np.random.default_rng([chosen.seed, repeat, fold])
            split = np.full(len(people.table), "train", dtype=object)
            split[part.rows] = "test"
            split[_validation(people, split, chosen.validation_fraction, rng)] = "val"
            columns = {
                "repeat": repeat,
                "fold": fold,
                "participant_id": people.table["participant_id"],
                "split": split,
            }
            if part.held_out is not None:
                columns[HELD_OUT] = part.held_out
            rows.append(pd.DataFrame(columns))
    made = pd.concat(rows, ignore_index=True)
    check_folds(made, cohort, mend=_mend(chosen))
    return MadeFolds(made, people.remarks + _of_given(cohort, people, given, chosen))


def check_groups(folds: pd.DataFrame, cohort: pd.DataFrame, column: str) -> None:
    """Refuse folds that separate participants who must stay together.

    Args:
        folds: Table of folds.
        cohort: Table of scans, with the column.
        column: Column of the groups, such as a family.

    Raises:
        LeakageError: Naming a group with participants in two splits of a fold.
        InputError: If there is no such column.
    """
    people = participants_for(cohort, FoldChoices(group=column))
    group = dict(zip(people.table["participant_id"], people.groups, strict=True))
    placed = folds.assign(group=folds["participant_id"].map(group)).dropna()
    several = placed.groupby(["repeat", "fold", "group"])["split"].nunique()
    if (several > 1).any():
        repeat, fold, name = several.index[several > 1][0]
        who = [one for one, of in group.items() if of == name]
        value = str(name).removeprefix("group: ")
        msg = (
            f"{column} {value} is in more than one split of repeat {repeat}, fold"
            f" {fold}: {some(who)}; keep them together, or make folds with"
            f" `group={column!r}`"
        )
        raise LeakageError(msg)


def _assigned(
    people: Participants, chosen: FoldChoices, repeat: int
) -> list[_TestPart]:
    check_enough(people.table, chosen.folds)
    # One seed more than those of the folds, which `_validation` uses.
    rng = np.random.default_rng([chosen.seed, repeat, chosen.folds])
    units, unit = people.units(np.arange(len(people.table)))
    with_one = (units.kinds > 0).sum(axis=0)
    if with_one.min() < chosen.folds:
        msg = (
            f"{chosen.folds} folds need {chosen.folds} groups with each diagnosis,"
            f" {chosen.group} makes {with_one.min()} with one of them; ask for fewer"
            " folds"
        )
        raise InputError(msg)
    room = rooms(units.kinds.sum(axis=0), chosen.folds, rng)
    part = assign(units, room, rng)[unit]
    return [_TestPart(np.flatnonzero(part == fold)) for fold in range(chosen.folds)]


def _validation(
    people: Participants, split: np.ndarray, fraction: float, rng: np.random.Generator
) -> np.ndarray:
    """Choose participants of the training part for validation."""
    left = np.flatnonzero(split == "train")
    if fraction == 0 or not len(left):
        return left[:0]
    units, unit = people.units(left)
    names = sorted(set(people.table["diagnosis"]))
    counts = units.kinds.sum(axis=0)
    held = [
        validation_size(int(count), fraction, name) if count else 0
        for count, name in zip(counts, names, strict=True)
    ]
    room = np.array([held, counts - held])
    chosen: np.ndarray = left[assign(units, room, rng)[unit] == 0]
    return chosen


def _given_parts(
    cohort: pd.DataFrame, people: Participants, chosen: FoldChoices
) -> list[_TestPart]:
    """List the test parts that columns give; none if they are to be assigned."""
    if chosen.leave_one_out:
        parts = list(_each_value(cohort, people, chosen.leave_one_out))
    elif chosen.test_where:
        parts = [_where(cohort, people, chosen)]
    else:
        return []
    for part in parts:
        _refuse_divided(people, part, chosen.group)
    return parts


def _refuse_divided(people: Participants, part: _TestPart, column: str | None) -> None:
    inside = set(people.groups[part.rows])
    divided = sorted(inside & set(np.delete(people.groups, part.rows)))
    if divided:
        who = people.table.loc[people.groups == divided[0], "participant_id"]
        msg = (
            f"{column} {divided[0].removeprefix('group: ')} is on both sides of"
            f" {part.held_out}: {some(who)}; leave participants out of the cohort so"
            " that each is on one side"
        )
        raise LeakageError(msg)


def _each_value(
    cohort: pd.DataFrame, people: Participants, asked: str
) -> Iterator[_TestPart]:
    column = find_column(cohort, asked, "leave_one_out")
    values = known(people.table[column])
    if values.isna().any():
        who = people.table.loc[values.isna(), "participant_id"]
        msg = (
            f"`leave_one_out`: {column} is not known of {some(who)}; write it into the"
            " cohort table, or leave them out of the cohort"
        )
        raise InputError(msg)
    names = sorted(set(values))
    if len(names) < 2:
        msg = (
            f"`leave_one_out`: {column} is {names[0]} for every participant; two or"
            " more values are needed"
        )
        raise InputError(msg)
    for name in names:
        yield _TestPart(np.flatnonzero(values == name), f"{column}={name}")


def _where(
    cohort: pd.DataFrame, people: Participants, chosen: FoldChoices
) -> _TestPart:
    tested = np.zeros(len(people.table), dtype=bool)
    for asked, value in chosen.conditions:
        column = find_column(cohort, asked, "test_where")
        values = known(people.table[column])
        if not (values == value).any():
            there = some(sorted(set(values.dropna())), MOST_NAMED)
            msg = (
                f"`test_where`: no participant has {column} {value}; there is"
                f" {there or 'no value'}"
            )
            raise InputError(msg)
        tested |= (values == value).to_numpy()
    if tested.all():
        msg = (
            f"`test_where`: {' or '.join(chosen.test_where)} holds for every"
            " participant, so that nobody is left to train on"
        )
        raise InputError(msg)
    return _TestPart(np.flatnonzero(tested), " or ".join(chosen.test_where))


def _of_given(
    cohort: pd.DataFrame,
    people: Participants,
    parts: list[_TestPart],
    chosen: FoldChoices,
) -> list[str]:
    """Say what limits test parts that columns give."""
    remarks, wanted = [], set(people.table["diagnosis"])
    lacking = [
        f"{part.held_out} ({len(part.rows)} participants, without"
        f" {' and '.join(sorted(wanted - found))})"
        for part in parts
        if (found := set(people.table["diagnosis"].iloc[part.rows])) != wanted
    ]
    if lacking:
        remarks.append(
            "test parts that lack a diagnosis add nothing to an AUC with it:"
            f" {some(lacking, MOST_NAMED)}"
        )
    if len(parts) == 1:
        remarks.append(
            "one test part for all networks: differences between models are tested for"
            " these networks (DeLong, bootstrap, permutation); the primary test, which"
            " takes repeated training into account, needs two folds"
        )
    if chosen.leave_one_out:
        column = find_column(cohort, chosen.leave_one_out, "leave_one_out")
        several = known(cohort[column]).groupby(cohort["participant_id"]).nunique()
        if (several > 1).any():
            remarks.append(
                f"scanned at several values of {column}, and held out with that of the"
                f" first scan: {some(sorted(map(str, several.index[several > 1])))}"
            )
    return remarks


def _mend(chosen: FoldChoices) -> str:
    if chosen.leave_one_out or chosen.test_where:
        return "leave that diagnosis out of the cohort, or test other participants"
    kept = f"{chosen.group} keeps too many together; " if chosen.group else ""
    return f"{kept}ask for fewer folds, or another validation fraction or seed"
