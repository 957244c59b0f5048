"""The tables of the result page, as Markdown, and its figures."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.validation_study.chain import GROWING, SHRINKING
from benchmarks.validation_study.curves import JSM, NETWORKS, T1W
from benchmarks.validation_study.dose import changes
from benchmarks.validation_study.figures import (
    curves_figure,
    dose_figure,
    leaves_out_half,
    null_figure,
    sensitivity_figure,
    write_figure,
)
from benchmarks.validation_study.pieces import rows_of
from benchmarks.validation_study.sensitivity import CONDITIONS
from crosswarp.baselines.settings import BASELINES
from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.statistics.calibration import wilson

TITLES: Final = {
    JSM: "linear, JSM",
    T1W: "linear, T1w",
    **{name: name.removeprefix("compact_").replace("_", " ") for name in NETWORKS},
}
"""Models on true maps."""

CHAIN_TITLES: Final = {
    **{name: name.replace("_", " ") for name in BASELINES},
    **{name: TITLES[name] for name in NETWORKS},
}
"""Models on maps that the chain found."""

SURE: Final = 0.1
"""Doses from which the share that is found is told: below, it is mostly noise."""


def page(work: Path, figures: Path) -> str:
    """Write the figures and give the tables of what is there.

    Args:
        work: Folder of the study.
        figures: Where figures go.
    """
    parts: dict[str, Callable[[pd.DataFrame], list[str]]] = {
        "difficulty": difficulty_table,
        "dose": dose_table,
        "sensitivity": sensitivity_table,
        "null": null_table,
        "curves": partial(curves_table, titles=TITLES),
        "chain-curves": partial(curves_table, titles=CHAIN_TITLES),
    }
    text = []
    for name, table in parts.items():
        rows = rows_of(work, name)
        if len(rows):
            text += [f"## {name}", "", VIRTUAL_NOTICE, "", *table(rows), ""]
            _draw(name, rows, figures / f"{name}.svg")
        else:
            text += [f"## {name}", "", "Not run.", ""]
    return "\n".join(text)


def _draw(name: str, rows: pd.DataFrame, path: Path) -> None:
    drawings = {
        "dose": (dose_figure, "Found over true change of volume, by structure."),
        "sensitivity": (
            sensitivity_figure,
            "Correlation with the truth and found shrinkage, by condition.",
        ),
        "null": (null_figure, "Intervals of all studies without an effect."),
        "curves": (
            lambda found: curves_figure(found, TITLES),
            "AUC over number of participants, by model.",
        ),
        "chain-curves": (
            lambda found: curves_figure(found, CHAIN_TITLES),
            "AUC over number of participants of a cohort, by model.",
        ),
    }
    if name in drawings:
        draw, alternative = drawings[name]
        write_figure(path, draw(rows), f"{alternative} Virtual participants.")


def difficulty_table(rows: pd.DataFrame) -> list[str]:
    """AUC of the linear model on true maps."""
    cells = (
        (row["preset"], f"{row['positive']} and CN", row["participants"], _auc(row))
        for _, row in rows.iterrows()
    )
    return markdown(("preset", "told apart", "participants", "AUC"), cells)


def dose_table(rows: pd.DataFrame) -> list[str]:
    """Mean found change beside the true one, by registration, structure and dose."""
    doses = sorted({dose for dose in rows["dose"] if dose})
    cells = []
    for registration in sorted(set(rows["registration"])):
        for structure in (*SHRINKING, *GROWING):
            table = changes(rows, structure, [])
            table = table[table["registration"] == registration]
            share = (table["found"] / table["true"])[table["dose"] >= SURE]
            cells.append(
                [
                    registration,
                    structure.replace("_", " "),
                    *(_found_of_true(table[table["dose"] == dose]) for dose in doses),
                    f"{share.mean():.2f} ({share.min():.2f} to {share.max():.2f})",
                ]
            )
    heads = (f"{100 * dose:.0f} %" for dose in doses)
    names = ("registration", "structure", *heads)
    return markdown((*names, "share found, doses from 10 %"), cells)


def sensitivity_table(rows: pd.DataFrame) -> list[str]:
    """Agreement with the truth and found change, by condition and head."""
    found = changes(rows, "hippocampus", ["condition"])
    order = {condition: place for place, condition in enumerate(CONDITIONS)}
    keys = ["registration", "condition", "head"]
    cells = []
    for key, part in rows.groupby(keys):
        mine = found[(found[keys] == list(key)).all(axis=1)]
        refused = part[part["status"] != "ok"]["reason"].tolist()
        registration, condition, head = map(str, key)
        cells.append(
            (
                registration,
                condition,
                head,
                f"{part['r'].mean():.2f}",
                f"{part['rmse'].mean():.3f}",
                f"{part['sd_found'].mean():.3f} of {part['sd_true'].mean():.3f}",
                "; ".join(map(str, refused)) or _percent(mine["found"]),
            )
        )
    cells.sort(key=lambda cell: (cell[0], cell[2], order[cell[1]]))
    names = ("registration", "condition", "head", "r", "RMSE", "SD found of true")
    return markdown((*names, "hippocampus, -20 % true"), cells)


def null_table(rows: pd.DataFrame) -> list[str]:
    """Share of studies whose interval leaves 0.5 out, with its own interval."""
    cells = []
    for model, part in rows.groupby("model"):
        outside = leaves_out_half(part)
        low, high = wilson(float(outside.mean()), len(part))
        cells.append(
            (
                model,
                len(part),
                f"{outside.sum()} ({100 * outside.mean():.1f} %,"
                f" {100 * low:.1f} to {100 * high:.1f})",
                int((part["low"] > 0.5).sum()),
                f"{part['auc'].mean():.3f} ± {part['auc'].std():.3f}",
            )
        )
    names = ("model", "studies", "interval without 0.5", "of these above 0.5")
    return markdown((*names, "AUC, mean ± SD"), cells)


def curves_table(rows: pd.DataFrame, titles: Mapping[str, str]) -> list[str]:
    """AUC with its interval, by model and number of participants."""
    sizes = sorted(set(rows["participants"]))
    table = rows.set_index(["model", "participants"])
    cells = [
        [
            title,
            *(
                _auc(table.loc[(name, size)]) if (name, size) in table.index else ""
                for size in sizes
            ),
        ]
        for name, title in titles.items()
        if name in set(rows["model"])
    ]
    lines = markdown(("model", *(f"{size} participants" for size in sizes)), cells)
    missing = [
        title for name, title in titles.items() if name not in set(rows["model"])
    ]
    return [*lines, "", f"Not run: {', '.join(missing) or 'none'}."]


def markdown(names: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Write a table.

    Example:
        >>> markdown(("a", "b"), [(1, 2)])
        ['| a | b |', '| --- | --- |', '| 1 | 2 |']
    """
    lines = [names, ["---"] * len(names), *rows]
    return [f"| {' | '.join(str(cell) for cell in line)} |" for line in lines]


def _auc(row: "pd.Series[float]") -> str:
    """Write an AUC with its interval, or without where none can be given."""
    if row.isna()["low"]:
        return f"{row['auc']:.2f}"
    return f"{row['auc']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"


def _found_of_true(part: pd.DataFrame) -> str:
    if part.empty:
        return ""
    true, found = part["true"].mean(), part["found"].mean()
    return f"{100 * found:+.1f} of {100 * true:+.1f}"


def _percent(values: "pd.Series[float]") -> str:
    return f"{100 * values.mean():+.1f} %" if len(values) else ""
