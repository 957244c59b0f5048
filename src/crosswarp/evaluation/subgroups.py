"""The same model in women and men, young and old, at each site."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from crosswarp.evaluation.context import FIELD_STRENGTH
from crosswarp.statistics.cells import Cell, People
from crosswarp.statistics.intervals import estimate
from crosswarp.statistics.trials import trials_of
from crosswarp.statistics.weighted import pooled_metrics
from crosswarp.types.scores import ParticipantWeights

AGE_EDGES = (60, 70, 80)
AGE_BANDS = ("under 60", "60-69", "70-79", "80 and over")

FEW = 20
"""Participants of a group below which its numbers say little."""

FEW_A_CLASS = 10

METRICS = ("roc_auc", "balanced_accuracy", "sensitivity", "specificity")

OF_ALL_CLASSES = ("roc_auc", "balanced_accuracy")
"""Metrics that rest on participants of each class."""

_UNDEFINED = np.array([np.nan])


def groups_of(scans: pd.DataFrame) -> dict[str, "pd.Series[Any]"]:
    """Say for each scan its group, by variable; NaN where it is not known.

    Args:
        scans: Of the cohort, as in `context.Context`.
    """
    found = {
        name: scans[name] for name in ("sex", "site", FIELD_STRENGTH) if name in scans
    }
    ages = scans["age_years"]
    band = np.digitize(ages.fillna(0), AGE_EDGES)
    bands = pd.Series(np.array(AGE_BANDS, dtype=object)[band], index=scans.index)
    found["age_band"] = bands.where(ages.notna())
    return {
        name: found[name]
        for name in ("sex", "age_band", "site", FIELD_STRENGTH)
        if name in found
    }


def subgroup_rows(
    cells: Sequence[Cell],
    people: People,
    scans: pd.DataFrame,
    weights: ParticipantWeights,
) -> Iterator[dict[str, Any]]:
    """Yield the rows of ``subgroups.tsv`` of one model, without its name.

    AUC counts pairs of one fold and one group. Intervals come from the draws of the
    whole cohort, so a group's size varies among them, as in another sample.
    """
    keys = [_keys(cell, people) for cell in cells]
    for variable, group_of in groups_of(scans).items():
        labels = [group_of.reindex(key).to_numpy(object) for key in keys]
        present = {label for of_cell in labels for label in of_cell if pd.notna(label)}
        for group in _ordered(present):
            members = [
                cell.only(np.array([label == group for label in of_cell], dtype=bool))
                for cell, of_cell in zip(cells, labels, strict=True)
            ]
            inside = [cell for cell in members if len(cell.truth)]
            yield {"variable": variable, "group": group} | _row(inside, weights)


def _keys(cell: Cell, people: People) -> pd.MultiIndex:
    names = [people.ids[index] for index in cell.participants]
    return pd.MultiIndex.from_arrays([names, cell.sessions])


def _ordered(groups: set[Any]) -> list[str]:
    def place(group: str) -> tuple[int, str]:
        return (AGE_BANDS.index(group) if group in AGE_BANDS else -1, group)

    return sorted(map(str, groups), key=place)


def _row(cells: Sequence[Cell], weights: ParticipantWeights) -> dict[str, Any]:
    first = [cell for cell in cells if cell.repeat == cells[0].repeat]
    truth = np.concatenate([cell.truth for cell in first])
    who = np.concatenate([cell.participants for cell in first])
    classes = cells[0].probabilities.shape[1]
    by_class = [len(np.unique(who[truth == index])) for index in range(classes)]
    total = len(np.unique(who))
    row: dict[str, Any] = {
        "participants": total,
        "scans": len(truth),
        "positives": by_class[1] if classes == 2 else None,
        "negatives": by_class[0] if classes == 2 else None,
    }
    drawn = pooled_metrics(cells, weights)
    trials = trials_of(cells)
    for name in METRICS:
        draws = drawn.get(name, _UNDEFINED)
        if name in OF_ALL_CLASSES and min(by_class) < 2:
            # The only one of a class is the same in each draw: no interval.
            draws = draws[:1]
        found = estimate(draws, trials=trials.get(name))
        row[name] = found and found.value
        row[f"{name}_low"] = found and found.low
        row[f"{name}_high"] = found and found.high
    return row | {"warning": _warning(total, min(by_class))}


def _warning(people: int, fewest: int) -> str | None:
    if people < FEW:
        return f"only {people} participants: the interval is too narrow to rely on"
    if fewest < FEW_A_CLASS:
        return f"only {fewest} participants of a class: the numbers are coarse"
    return None
