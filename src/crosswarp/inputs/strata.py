"""Participants as folds are made of them: strata, and who must stay together."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.matching import some
from crosswarp.bids.sessions import first_scans
from crosswarp.bids.tables import numbers_of
from crosswarp.errors import InputError
from crosswarp.inputs.fold_choices import FoldChoices
from crosswarp.inputs.stratification import Units

AGE: Final = "age_years"


@dataclass(frozen=True)
class Participants:
    """One row a participant, in an order that does not depend on the cohort's.

    Attributes:
        table: The first scan of each participant.
        levels: Value of each column that folds are balanced by.
        groups: Of each participant, those who stay together.
        remarks: What a user should know of them, one sentence each.
    """

    table: pd.DataFrame
    levels: pd.DataFrame
    groups: np.ndarray
    remarks: list[str]

    def units(self, rows: np.ndarray) -> tuple[Units, np.ndarray]:
        """Put some participants together into what is assigned whole.

        Args:
            rows: Numbers of the participants.

        Returns:
            The units, and the unit of each of the participants.
        """
        names = sorted(set(self.table["diagnosis"]))
        _, unit = np.unique(self.groups[rows], return_inverse=True)
        diagnoses = self.table["diagnosis"].to_numpy()[rows]
        columns = [diagnoses == name for name in names]
        labels, of_kind = list(columns), list(range(len(names)))
        for column in self.levels:
            levels = self.levels[column].to_numpy()[rows]
            for level in sorted(set(levels)):
                labels += [levels == level, *(c & (levels == level) for c in columns)]
                of_kind += [-1, *range(len(names))]
        count = int(unit.max()) + 1
        return (
            Units(
                _summed(columns, unit, count),
                _summed(labels, unit, count),
                np.array(of_kind),
            ),
            unit,
        )


def participants_for(cohort: pd.DataFrame, chosen: FoldChoices) -> Participants:
    """Describe the participants of a cohort by what folds are balanced by.

    Args:
        cohort: Table of scans.
        chosen: Choices that were checked.

    Raises:
        InputError: If the cohort has no participants or lacks a column, a column has
            too many values to balance by, or a group joins more than half of them.
    """
    scans = cohort.assign(session_id=cohort.get("session_id"))
    table = first_scans(scans).reset_index(drop=True)
    if table.empty:
        msg = "the cohort has no participants; folds need some of each diagnosis"
        raise InputError(msg)
    levels, remarks = {}, []
    asked = [find_column(cohort, name, "stratify") for name in chosen.stratify]
    for name in dict.fromkeys(asked):
        if name == "diagnosis":
            continue
        banded = name == AGE
        found = _bands(table[name], chosen.age_edges) if banded else known(table[name])
        levels[name] = found.fillna(NOT_AVAILABLE)
        remarks += _unknown(found, name) + _few(levels[name], name, chosen)
        _check_levels(levels[name], name)
    return Participants(
        table,
        pd.DataFrame(levels, index=table.index),
        groups_of(scans, table, chosen.group),
        remarks,
    )


def find_column(cohort: pd.DataFrame, asked: str, argument: str) -> str:
    """Find a column of a cohort; case does not count, and ``age`` is ``age_years``.

    Args:
        cohort: Table of scans.
        asked: Name as the user gave it.
        argument: Name of the argument that asks for it.

    Raises:
        InputError: If there is none; names the nearest, or all.
    """
    name = AGE if asked.casefold() == "age" else asked
    columns = [str(column) for column in cohort.columns]
    same = [c for c in columns if c.casefold() == name.casefold()]
    if name not in columns and not same:
        near = difflib.get_close_matches(name, columns, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(columns)}"
        msg = f"`{argument}`: the cohort has no column {asked}; {hint}"
        raise InputError(msg)
    return name if name in columns else same[0]


def known(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Take a column as text, None where nothing is known."""
    text = [None if pd.isna(v) or v == NOT_AVAILABLE else f"{v}" for v in column]
    return pd.Series(text, column.index, object, name=column.name)


def groups_of(
    scans: pd.DataFrame, table: pd.DataFrame, column: str | None
) -> np.ndarray:
    """Name the group of each participant; one without a value is a group alone.

    Args:
        scans: Table of all scans.
        table: One row per participant, as they are wanted.
        column: Column of the groups; nobody is kept together when None.

    Raises:
        InputError: If there is no such column, a participant has two values, or one
            value joins more than half of the participants.
    """
    alone = "alone: " + table["participant_id"].astype(str)
    if column is None:
        return alone.to_numpy(dtype=object)
    name = find_column(scans, column, "group")
    values = known(scans[name])
    by_person = values.groupby(scans["participant_id"])
    several = by_person.nunique()
    if (several > 1).any():
        who = some(sorted(map(str, several.index[several > 1])))
        msg = f"{name} has two values for {who}; give each participant one of them"
        raise InputError(msg)
    groups = by_person.first().reindex(table["participant_id"]).reset_index(drop=True)
    counts = groups.value_counts()
    if len(counts) and 2 * int(counts.iloc[0]) > len(table):
        msg = (
            f"{name} {counts.index[0]} joins {counts.iloc[0]} of {len(table)}"
            f" participants, who cannot be separated into folds; write {NOT_AVAILABLE}"
            " where a participant has no relative in the cohort"
        )
        raise InputError(msg)
    joined = "group: " + groups.astype(object)
    return joined.where(groups.notna(), alone).to_numpy(dtype=object)


def _bands(ages: "pd.Series[float]", edges: Sequence[float]) -> "pd.Series[str]":
    names = [f"below {edges[0]:g}"]
    names += [f"{a:g} to below {b:g}" for a, b in pairwise(edges)]
    names.append(f"{edges[-1]:g} or more")
    years = numbers_of(ages)
    band = np.searchsorted(np.asarray(edges), years.to_numpy(), side="right")
    return pd.Series([names[b] for b in band], ages.index, object).where(
        years.notna(), None
    )


def _unknown(found: "pd.Series[str]", name: str) -> list[str]:
    missing = int(found.isna().sum())
    if not missing:
        return []
    return [
        f"{name} is not known of {missing} of {len(found)} participants, who are a"
        " stratum of their own"
    ]


def _few(levels: "pd.Series[str]", name: str, chosen: FoldChoices) -> list[str]:
    """Say which values cannot be in every fold."""
    counts = levels.value_counts().sort_index()
    few = [f"{level} ({n})" for level, n in counts.items() if n < chosen.folds]
    if not few or chosen.leave_one_out or chosen.test_where:
        return []
    return [
        f"{name}: fewer participants than the {chosen.folds} folds, so not in every"
        f" test part: {some(few)}"
    ]


def _check_levels(levels: "pd.Series[str]", name: str) -> None:
    count = levels.nunique()
    if 2 * count > len(levels):
        msg = (
            f"`stratify`: {name} has {count} different values in {len(levels)}"
            " participants, too many to balance folds by; write a column of bands into"
            " the cohort table and name that"
        )
        raise InputError(msg)


def _summed(columns: list[np.ndarray], unit: np.ndarray, count: int) -> np.ndarray:
    """Count the participants of each unit (row) who are in each column."""
    return np.column_stack(
        [np.bincount(unit, weights=column, minlength=count) for column in columns]
    ).astype(int)
