"""The figures of the result page; each says what it is made from."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from benchmarks.validation_study.chain import GROWING, SHRINKING
from benchmarks.validation_study.dose import changes
from benchmarks.validation_study.sensitivity import CONDITIONS, DOSE
from crosswarp.figures.style import (
    BLUE,
    EDGE,
    FAINT,
    INK,
    MUTED,
    ORANGE,
    WIDTH,
    new_figure,
    styled,
)
from crosswarp.figures.svg import svg_text
from crosswarp.files import written_whole

NOTE: Final = "Virtual participants: never evidence of diagnostic accuracy."

MARKERS: Final = {"mni2009c": "o", "colin27": "s"}


def write_figure(path: Path, figure: Figure, alternative: str) -> None:
    """Write a figure as SVG.

    Args:
        path: Where.
        figure: As the functions below draw it.
        alternative: What it shows, for who cannot see it.
    """
    text = svg_text(figure, path.stem, alternative)
    with written_whole(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def drawn(draw: Callable[[Figure], None], height: float) -> Figure:
    """Draw in the look of the report, with the note beneath."""
    with styled():
        figure = new_figure(WIDTH, height)
        draw(figure)
        figure.supxlabel(NOTE, fontsize=7.5, color=MUTED, x=0.01, ha="left")
    return figure


def dose_figure(rows: pd.DataFrame) -> Figure:
    """Draw found over true change of volume, one panel a structure."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots(2, 3, sharex=False)
        for axis, structure in zip(axes.flat, (*SHRINKING, *GROWING), strict=True):
            table = changes(rows, structure, [])
            ends = np.array([0, 100 * np.sign(table["true"].mean()) * 0.35])
            axis.plot(ends, ends, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
            for head, part in table.groupby("head"):
                for _, line in part.sort_values("dose").groupby("number"):
                    axis.plot(
                        np.r_[0, 100 * line["true"]],
                        np.r_[0, 100 * line["found"]],
                        color=BLUE if head == "mni2009c" else ORANGE,
                        marker=MARKERS.get(str(head), "^"),
                        markersize=4,
                        linewidth=1.2,
                        label=str(head),
                    )
            axis.set_title(structure.replace("_", " "))
        axes[0, 0].legend(title="real head", fontsize=7.5)
        figure.supylabel("found change of volume, %")
        for axis in axes[1]:
            axis.set_xlabel("true change of volume, %")

    return drawn(draw, 4.8)


def sensitivity_figure(rows: pd.DataFrame) -> Figure:
    """Draw, for every condition, how like the maps are and what change is found."""
    named = [name for name in CONDITIONS if name in set(rows["condition"])]
    found = changes(rows, "hippocampus", ["condition"])

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, sharey=True)
        for head, part in rows[rows["status"] == "ok"].groupby("head"):
            place = [named.index(name) for name in part["condition"]]
            colour = BLUE if head == "mni2009c" else ORANGE
            style = {
                "linestyle": "",
                "marker": MARKERS.get(str(head), "^"),
                "markersize": 5,
                "color": colour,
                "label": str(head),
            }
            left.plot(part["r"], place, **style)
            mine = found[found["head"] == head]
            heights = [named.index(name) for name in mine["condition"]]
            right.plot(-100 * mine["found"], heights, **style)
        left.set_yticks(range(len(named)), named)
        left.invert_yaxis()
        left.set_xlabel("correlation of found and true log-Jacobian")
        right.axvline(100 * DOSE, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        right.annotate("truth", (100 * DOSE, -0.45), color=INK, fontsize=7.5)
        right.set_xlabel("found shrinkage of the hippocampus, %")
        right.legend(title="real head", fontsize=7.5)
        for axis in (left, right):
            axis.grid(axis="y", color="#e4e7eb", linewidth=0.6)

    return drawn(draw, 3.6)


def null_figure(rows: pd.DataFrame) -> Figure:
    """Draw every study's interval, sorted, those without 0.5 in orange."""
    titles = {"linear": "voxel-wise linear model", "network": "network"}
    models = [name for name in titles if name in set(rows["model"])]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, len(models), sharey=True, squeeze=False)[0]
        for axis, model in zip(axes, models, strict=True):
            part = rows[rows["model"] == model].sort_values("auc", ignore_index=True)
            outside = leaves_out_half(part)
            for place, row in part.iterrows():
                colour = ORANGE if outside[place] else EDGE
                axis.plot([place] * 2, [row["low"], row["high"]], color=colour, lw=1)
            axis.plot(part["auc"], ".", color=INK, markersize=2)
            axis.axhline(0.5, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
            axis.set_title(f"{titles[model]}: {outside.sum()} of {len(part)} leave 0.5")
            axis.set_xlabel("studies, by AUC")
            axis.set_ylim(0, 1)
        axes[0].set_ylabel("AUC and its 95 % interval")

    return drawn(draw, 2.9)


def leaves_out_half(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Whether the interval of each study says that something was found."""
    outside: pd.Series[bool] = (rows["low"] > 0.5) | (rows["high"] < 0.5)
    return outside


def curves_figure(rows: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """Draw AUC over participants, one panel a model.

    Args:
        rows: One a model and size.
        titles: Of the models, in the order of the panels.
    """
    models = [name for name in titles if name in set(rows["model"])]
    columns = 4
    lines = -(-len(models) // columns)

    def draw(figure: Figure) -> None:
        axes = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
        for axis in axes.flat[len(models) :]:
            axis.set_visible(False)
        for axis, model in zip(axes.flat, models, strict=False):
            part = rows[rows["model"] == model].sort_values("participants")
            size, auc = part["participants"], part["auc"]
            reach = [auc - part["low"], part["high"] - auc]
            colour = ORANGE if model.startswith("linear") else BLUE
            axis.errorbar(size, auc, reach, color=colour, marker="o", ms=3, lw=1.2)
            axis.axhline(0.5, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
            axis.set_title(titles[model])
            axis.set_ylim(0, 1.02)
            axis.set_xticks(sorted(set(rows["participants"])))
        figure.supylabel("AUC, AD against CN")
        for axis in axes[-1]:
            axis.set_xlabel("participants")

    return drawn(draw, 0.6 + 1.6 * lines)
