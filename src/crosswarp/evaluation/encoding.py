"""Covariates of the cohort table as numbers, whatever they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from crosswarp.bids.values import finite_number
from crosswarp.evaluation.context import BRAIN_VOLUME, FIELD_STRENGTH, HEAD_SIZE, SIZES

NAMES: Final = {"age": "age_years", "head_size": HEAD_SIZE}
"""Names of an experiment file for columns that tables call otherwise."""

WORDS: Final = {
    "age_years": "age",
    HEAD_SIZE: "head size",
    BRAIN_VOLUME: "head size",
    FIELD_STRENGTH: "field strength",
}

_CATEGORIES: Final = ("site", FIELD_STRENGTH)
"""Columns whose values are names though they look like numbers."""

_SEXES: Final = {"F": 0.0, "M": 1.0}


@dataclass(frozen=True)
class Encoded:
    """Covariates as numbers.

    Attributes:
        features: One row a scan, by participant and session; NaN where not known.
        columns: Columns of ``features`` by covariate: one for a number or two
            categories, else one (0 or 1) for each category.
        absent: Covariates that are known of no scan, in the order asked for.
    """

    features: pd.DataFrame
    columns: dict[str, list[str]]
    absent: tuple[str, ...]


def encode(scans: pd.DataFrame, covariates: Sequence[str]) -> Encoded:
    """Turn covariates into numbers, by what they hold.

    A column of numbers stays one; any other is categories. Sites and field strengths
    are categories, women are 0 and men 1. No diagnosis is looked at.

    Args:
        scans: As in `context.Context`.
        covariates: Columns of the cohort table, or ``head_size``, the first of
            `SIZES` that is there; case does not count.
    """
    parts: list[pd.DataFrame] = []
    columns, absent = {}, []
    for asked in covariates:
        name = column_of(asked, list(scans.columns))
        part = _part(scans, name)
        if part is None:
            absent.append(name)
        elif name not in columns:
            columns[name] = [str(column) for column in part.columns]
            parts.append(part)
    features = pd.concat(parts, axis=1) if parts else scans[[]]
    return Encoded(features, columns, tuple(absent))


def column_of(covariate: str, columns: Sequence[str]) -> str:
    """Name the column that holds a covariate; its own name when there is none."""
    name = NAMES.get(covariate.casefold(), covariate)
    if name == HEAD_SIZE:
        return next((size for size in SIZES if size in columns), name)
    same = [column for column in columns if column.casefold() == name.casefold()]
    return name if name in columns or not same else same[0]


def odd_values(column: "pd.Series[Any]") -> list[str]:
    """List the values of a column that keep it from being one of numbers.

    Returns:
        Those that are no finite number where more than half of the known ones are;
        none in a column of numbers, or of categories.
    """
    known = column.dropna().astype(str)
    odd = known[_numbers(known).isna()]
    return sorted(set(odd)) if len(odd) < len(known) / 2 else []


def described(features: Sequence[str]) -> str:
    """Name covariates in a sentence.

    Example:
        >>> described(["age_years", "sex", "intracranial_volume_cm3"])
        'age, sex and head size'
    """
    words = [WORDS.get(name, name) for name in features]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _part(scans: pd.DataFrame, name: str) -> pd.DataFrame | None:
    if name not in scans or scans[name].isna().all():
        return None
    column = scans[name]
    if name == "sex":
        sexes = column.map(_SEXES).astype(float)
        return None if sexes.isna().all() else sexes.to_frame()
    numbers = _numbers(column)
    if name not in _CATEGORIES and numbers.notna().equals(column.notna()):
        return numbers.to_frame()
    levels = sorted(column.dropna().astype(str).unique())
    shown = levels[1:] if len(levels) == 2 else levels
    return pd.DataFrame(
        {
            f"{name}={level}": (column == level).astype(float).where(column.notna())
            for level in shown
        },
        index=scans.index,
    )


def _numbers(column: "pd.Series[Any]") -> "pd.Series[float]":
    values = [None if pd.isna(v) else finite_number(str(v)) for v in column]
    return pd.Series(values, column.index, dtype=float, name=column.name)
