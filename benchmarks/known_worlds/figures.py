"""The figures of ``docs/measured/known-worlds.md``, from the tables kept beside it.

Run from the root of the repository::

    python -m benchmarks.known_worlds.figures docs/measured/known-worlds.tsv
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.known_worlds.page import (
    CURVES,
    ordered_models,
    read_numbers,
    sibling,
    title_of,
)
from benchmarks.validation_study.figures import DASHES, drawn, write_figure
from crosswarp.figures.style import BLUE, FAINT, INK, MUTED, ORANGE

COLOURS: Final = {"patterns": BLUE, "linear": MUTED, "other": ORANGE}

LINEAR: Final = ("svm", "logistic", "regions", "volumes")


def main(arguments: Sequence[str]) -> None:
    """Draw what there are tables of, in a folder named as the table."""
    (path,) = map(Path, arguments)
    folder = path.with_suffix("")
    folder.mkdir(exist_ok=True)
    rows = read_numbers(path)
    what = "AUC of every model in each known world, with the oracle's as a dashed line"
    write_figure(folder / "worlds.svg", worlds_figure(rows), what)
    if sibling(path, CURVES).is_file():
        what = "AUC of models by the number of scans they were trained on"
        curves = curves_figure(read_numbers(sibling(path, CURVES)))
        write_figure(folder / "curves.svg", curves, what)


def worlds_figure(rows: pd.DataFrame) -> Figure:
    """Draw each model's mean AUC, one panel a world; hollow where folds are lacking.

    Args:
        rows: Table that `benchmarks.known_worlds.results` wrote.
    """
    worlds = list(dict.fromkeys(rows["world"]))
    models = [name for name in ordered_models(rows) if name != "oracle"]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, len(worlds), sharey=True, squeeze=False)[0]
        for axis, world in zip(axes, worlds, strict=True):
            _world(axis, rows[rows["world"] == world].set_index("model"), models)
            axis.set_title(world)
        axes[len(axes) // 2].set_xlabel("AUC, AD against CN")
        axes[0].set_yticks(range(len(models)), [title_of(name) for name in models])
        axes[0].invert_yaxis()

    return drawn(draw, 1.1 + 0.17 * len(models))


def _world(axis: Axes, found: pd.DataFrame, models: Sequence[str]) -> None:
    for place, model in enumerate(models):
        if model not in found.index:
            continue
        row = found.loc[model]
        colour = COLOURS[kind_of(model)]
        whole = not row.isna()["low"]
        if whole:
            axis.plot([row["low"], row["high"]], [place] * 2, color=colour, lw=1.1)
        auc = row["auc_within"] if whole else row["auc"]
        face = colour if whole else "white"
        axis.plot([auc], [place], "o", ms=3.5, color=colour, markerfacecolor=face)
    axis.axvline(0.5, color=FAINT, linewidth=0.8, linestyle=DASHES)
    oracle = float(found["auc"]["oracle"])
    axis.axvline(oracle, color=INK, lw=0.8, linestyle=DASHES)
    axis.set_xlim(0.3, 1)
    axis.grid(axis="y", color="#e4e7eb", linewidth=0.6)


def curves_figure(rows: pd.DataFrame) -> Figure:
    """Draw AUC over the number of scans to train on, one panel a world.

    Args:
        rows: Table that `benchmarks.known_worlds.curves` wrote.
    """
    worlds = list(dict.fromkeys(rows["world"]))
    marks = dict(zip(ordered_models(rows), "^osDvP*X", strict=False))

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, len(worlds), sharey=True, squeeze=False)[0]
        for axis, world in zip(axes, worlds, strict=True):
            for model, line in rows[rows["world"] == world].groupby("model"):
                name = str(model)
                kind = COLOURS[kind_of(name)]
                line = line.sort_values("trained_on")
                style = {"color": INK, "linestyle": DASHES, "linewidth": 0.8}
                if name != "oracle":
                    style = {"color": kind, "marker": marks[name], "markersize": 4}
                axis.plot(
                    line["trained_on"], line["auc"], label=title_of(name), **style
                )
            axis.set_xscale("log")
            sizes = sorted({int(size) for size in rows["trained_on"]})
            axis.set_xticks(sizes, [str(size) for size in sizes])
            axis.minorticks_off()
            axis.set_title(world)
            axis.set_xlabel("scans to train on")
        axes[0].set_ylabel("AUC, AD against CN")
        axes[0].legend(fontsize=7)

    return drawn(draw, 3.4)


def kind_of(model: str) -> str:
    """Kind of a model, which its colour says: ``patterns``, ``linear`` or ``other``.

    Example:
        >>> kind_of("patterns_crossed"), kind_of("svm_both"), kind_of("gating")
        ('patterns', 'linear', 'other')
    """
    start = model.split("_")[0]
    if start in LINEAR:
        return "linear"
    return "patterns" if start == "patterns" else "other"


if __name__ == "__main__":
    main(sys.argv[1:])
