"""The figures of the result page; each says what it is made from."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.validation_study.chain import GROWING, SHRINKING
from benchmarks.validation_study.curves import NETWORKS
from benchmarks.validation_study.dose import changes
from benchmarks.validation_study.null import BY_CHANCE
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


COLOURS: Final = {"greedy": ORANGE, "map": BLUE}

DASHES: Final = (0, (4, 3))


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
        axes = figure.subplots(2, 3)
        for axis, structure in zip(axes.flat, (*SHRINKING, *GROWING), strict=True):
            table = changes(rows, structure, [])
            ends = np.array([0, 100 * np.sign(table["true"].mean()) * 0.35])
            axis.plot(ends, ends, color=FAINT, linewidth=0.8, linestyle=DASHES)
            lines = table.groupby(["registration", "head", "number"])
            for (registration, head, _), line in lines:
                line = line.sort_values("dose")
                axis.plot(
                    np.r_[0, 100 * line["true"]],
                    np.r_[0, 100 * line["found"]],
                    **_style(str(registration), str(head)),
                    linewidth=1.1,
                )
            axis.set_title(structure.replace("_", " "))
        # Upwards there is room above the lines, downwards none beside them.
        _legend(axes[1, 2])
        figure.supylabel("found change of volume, %")
        for axis in axes[1]:
            axis.set_xlabel("true change of volume, %")

    return drawn(draw, 4.8)


def sensitivity_figure(rows: pd.DataFrame) -> Figure:
    """Draw, for every condition, how like the maps are and what change is found."""
    named = [name for name in CONDITIONS if name in set(rows["condition"])]
    found = changes(rows, "hippocampus", ["condition"])
    keys = ["registration", "head"]

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, sharey=True)
        groups = rows[rows["status"] == "ok"].groupby(keys)
        for (registration, head), part in groups:
            style = _style(str(registration), str(head)) | {"linestyle": ""}
            place = [named.index(name) for name in part["condition"]]
            left.plot(part["r"], place, **style)
            mine = found[(found[keys] == [registration, head]).all(axis=1)]
            heights = [named.index(name) for name in mine["condition"]]
            right.plot(-100 * mine["found"], heights, **style)
        left.set_yticks(range(len(named)), named)
        left.invert_yaxis()
        left.set_xlim(0, 1)
        left.set_xlabel("correlation of found and true log-Jacobian")
        right.axvline(100 * DOSE, color=FAINT, linewidth=0.8, linestyle=DASHES)
        right.set_xlim(0, 100 * DOSE * 1.2)
        right.set_title("dashed: the truth")
        right.set_xlabel("found shrinkage of the hippocampus, %")
        _legend(left)
        for axis in (left, right):
            axis.grid(axis="y", color="#e4e7eb", linewidth=0.6)

    return drawn(draw, 3.6)


def _style(registration: str, head: str) -> dict[str, Any]:
    """Colour says the registration, the marker the real head."""
    return {
        "color": COLOURS.get(registration, MUTED),
        "marker": MARKERS.get(head, "^"),
        "markersize": 4.5,
        "label": f"{registration}, {head}",
    }


def _legend(axis: Axes) -> None:
    """One entry a kind of line, however many there are."""
    handles, labels = axis.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    axis.legend(once.values(), once.keys(), fontsize=7, loc="best")


def null_figure(rows: pd.DataFrame) -> Figure:
    """Draw every study's interval, sorted, those without 0.5 in orange."""
    titles = {
        "linear": "linear",
        BY_CHANCE: "heads by chance",
        "network": "network",
    }
    models = [name for name in titles if name in set(rows["model"])]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, len(models), sharey=True, squeeze=False)[0]
        for axis, model in zip(axes, models, strict=True):
            part = rows[rows["model"] == model].sort_values("auc", ignore_index=True)
            outside = leaves_out_half(part)
            for place, (_, row) in enumerate(part.iterrows()):
                colour = ORANGE if outside[place] else EDGE
                axis.plot([place] * 2, [row["low"], row["high"]], color=colour, lw=1)
            axis.plot(part["auc"], ".", color=INK, markersize=2)
            axis.axhline(0.5, color=FAINT, linewidth=0.8, linestyle=DASHES)
            axis.set_title(f"{titles[model]}: {outside.sum()} of {len(part)}")
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
            colour = BLUE if model in NETWORKS else ORANGE
            axis.errorbar(size, auc, reach, color=colour, marker="o", ms=3, lw=1.2)
            axis.axhline(0.5, color=FAINT, linewidth=0.8, linestyle=DASHES)
            axis.set_title(titles[model], fontsize=8)
            axis.set_ylim(min(0.4, rows["low"].min() - 0.02), 1.02)
            axis.set_xticks(sorted(set(rows["participants"])))
        figure.supylabel("AUC, AD against CN")
        for axis in axes[-1]:
            axis.set_xlabel("participants")

    return drawn(draw, 0.6 + 1.6 * lines)
