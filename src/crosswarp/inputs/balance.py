"""Whether the test part of each fold is like the rest of the cohort."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from crosswarp.bids.sessions import first_scans
from crosswarp.bids.values import finite_number
from crosswarp.inputs.fold_checks import UNUSED
from crosswarp.inputs.strata import AGE, find_column, known
from crosswarp.statistics.standardised import of_means, of_shares

BALANCE_COLUMNS: Final = (
    "repeat",
    "fold",
    "variable",
    "level",
    "test",
    "rest",
    "test_known",
    "rest_known",
    "difference",
)
"""Those of the table; ``level`` is n/a for a number."""

VARIABLES: Final = ("diagnosis", AGE, "sex", "site")
"""Columns of a cohort that every such table has, where they are known."""

_NUMBERS: Final = frozenset({AGE})
_NAMES: Final = frozenset({"diagnosis", "sex", "site", "field_strength_t"})


def balance_path(folds: Path) -> Path:
    """Name the table of balance, beside a table of folds.

    Example:
        >>> balance_path(Path("a/folds.tsv")).name
        'folds_balance.tsv'
    """
    return folds.with_name(f"{folds.stem}_balance.tsv")


def balance_of(
    folds: pd.DataFrame, cohort: pd.DataFrame, more: Sequence[str] = ()
) -> pd.DataFrame:
    """Compare the test part of each fold with all others of that fold.

    A participant counts once, with the first scan. A number has its means, a category
    the fraction with each of its values, among those of whom it is known.

    Args:
        folds: Table of folds.
        cohort: Table of scans.
        more: Columns of the cohort to compare besides diagnosis, age, sex and site.

    Returns:
        One row a repeat, fold, variable and level, with the standardised difference:
        test minus rest, over the root of the mean of both variances. It is NaN where
        neither side varies though they differ, or one has too few values.

    Raises:
        InputError: If the cohort lacks a column of ``more``.

    References:
        Austin (2009), Balance diagnostics for comparing the distribution of baseline
        covariates. Statistics in Medicine 28, 3083-3107.
    """
    asked = [find_column(cohort, name, "balance") for name in more]
    names = [n for n in dict.fromkeys([*VARIABLES, *asked]) if n in cohort]
    people = first_scans(cohort.assign(session_id=cohort.get("session_id")))
    people = people.set_index("participant_id")
    variables = {n: values for n in names if (values := _values(people[n])) is not None}
    rows: list[dict[str, Any]] = []
    used = folds[
        (folds["split"] != UNUSED) & folds["participant_id"].isin(people.index)
    ]
    for (repeat, fold), part in used.groupby(["repeat", "fold"]):
        tested = part["participant_id"][part["split"] == "test"]
        others = part["participant_id"][part["split"] != "test"]
        for name, values in variables.items():
            for level, column in values.items():
                compared = _compared(column.loc[tested], column.loc[others], level)
                first = {"repeat": repeat, "fold": fold, "variable": name}
                rows.append(first | {"level": level or None} | compared)
    return pd.DataFrame(rows, columns=list(BALANCE_COLUMNS))


def largest_difference(balance: pd.DataFrame) -> str:
    """Word the largest standardised difference of a table of balance.

    Args:
        balance: Table as `balance_of` returns it. A variable by which test parts were
            chosen, so that they have nothing in common with the rest, does not count.

    Returns:
        A sentence without its full stop; empty where no difference is defined.
    """
    apart = balance["difference"].isna() & (balance["test"] != balance["rest"])
    apart &= balance[["test", "rest"]].notna().all(axis=1)
    chosen_by = balance["variable"].isin(list(balance.loc[apart, "variable"]))
    differences = balance["difference"].abs()[~chosen_by].dropna()
    if differences.empty:
        return ""
    row = balance.loc[[differences.idxmax()]].iloc[0]
    level = "" if pd.isna(row["level"]) else f"={row['level']}"
    return (
        f"largest standardised difference of a test part:"
        f" {row['difference']:+.2f} ({row['variable']}{level}, repeat {row['repeat']},"
        f" fold {row['fold']})"
    )


def _values(column: "pd.Series[Any]") -> dict[str, "pd.Series[float]"] | None:
    """Give a variable as numbers: one column, or one of 0 and 1 for each level."""
    name, text = str(column.name), known(column)
    if text.isna().all():
        return None
    numbers = text.map(_number).astype(float)
    all_numbers = numbers.notna().equals(text.notna())
    if name not in _NAMES and (name in _NUMBERS or all_numbers):
        return {"": numbers}
    there = text.notna()
    return {
        level: (text == level).astype(float).where(there)
        for level in sorted(set(text[there]))
    }


def _number(text: str | None) -> float:
    found = None if text is None else finite_number(text)
    return math.nan if found is None else found


def _compared(
    test: "pd.Series[float]", rest: "pd.Series[float]", level: str
) -> dict[str, Any]:
    sides = [side.dropna().to_numpy() for side in (test, rest)]
    means = [float(side.mean()) if len(side) else math.nan for side in sides]
    return {
        "test": means[0],
        "rest": means[1],
        "test_known": len(sides[0]),
        "rest_known": len(sides[1]),
        "difference": _standardised(sides, means, is_share=bool(level)),
    }


def _standardised(
    sides: list[np.ndarray], means: list[float], *, is_share: bool
) -> float:
    if any(math.isnan(mean) for mean in means):
        return math.nan
    if not is_share and min(map(len, sides)) < 2:
        return math.nan
    found = (
        of_shares(*means)
        if is_share
        else of_means(*means, *(float(side.std(ddof=1)) for side in sides))
    )
    if found is None:
        # Neither side varies.
        return 0.0 if means[0] == means[1] else math.nan
    return found
