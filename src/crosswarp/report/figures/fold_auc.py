"""AUC of every fold and model, with the estimate over all folds."""

import numpy as np

from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.style import BLUE, FAINT, INK, MUTED, WIDTH, new_figure, styled
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run
from crosswarp.report.wording import interval


def draw(run: Run) -> Illustration:
    """Draw one row a model: a dot a fold, a diamond and bar for all folds."""
    models = run.metrics.models
    areas = {name: models[name].overall["roc_auc"] for name in run.compared()}
    shown = {name: auc for name, auc in areas.items() if auc is not None}
    if not shown:
        msg = "no model has an AUC"
        raise MissingDerivativeError(msg)
    with styled():
        figure = new_figure(WIDTH, 0.9 + 0.42 * len(shown))
        axes = figure.subplots()
        axes.axvline(0.5, color=MUTED, linewidth=0.6, linestyle=(0, (2, 3)))
        lowest = 0.5
        for row, (name, overall) in enumerate(shown.items()):
            folds = [cell.metrics["roc_auc"] for cell in models[name].cells]
            values = np.array([value for value in folds if value is not None])
            lowest = min(lowest, float(values.min(initial=1)))
            axes.axhline(row, color=FAINT, linewidth=0.4, zorder=0)
            axes.plot(
                values,
                _spread_out(row, values),
                "o",
                color=FAINT,
                markersize=5,
                markeredgecolor=MUTED,
                markeredgewidth=0.6,
            )
            if overall.low is not None and overall.high is not None:
                axes.plot(
                    [overall.low, overall.high], [row] * 2, color=BLUE, linewidth=2
                )
            axes.plot(overall.value, row, "D", color=BLUE, markersize=6)
            axes.text(
                1.03,
                row,
                interval(overall, 2),
                va="center",
                color=INK,
                transform=axes.get_yaxis_transform(),
            )
        axes.set_yticks(range(len(shown)), list(shown))
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.set_xlim(max(0.0, np.floor(lowest * 10) / 10 - 0.02), 1.01)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("ROC-AUC (dotted line: chance)")
    return Illustration(
        figure,
        "Grey dots, each fold's AUC. Diamond and bar, AUC over all folds with its"
        " 95\u00a0% interval (bootstrap over participants; only pairs of scans"
        " within a fold are compared). Intervals that overlap may still"
        " differ: the paired comparison is in the table.",
        "AUC by model: "
        + "; ".join(f"{name} {interval(auc, 2)}" for name, auc in shown.items())
        + ".",
    )


def _spread_out(row: int, values: np.ndarray) -> np.ndarray:
    """Move equal values apart, up and down in turn, so that each dot is seen."""
    shift = np.zeros(len(values))
    for index, value in enumerate(values):
        earlier = int(np.sum(np.abs(values[:index] - value) < 0.012))
        shift[index] = 0.13 * ((earlier + 1) // 2) * (-1) ** earlier
    return row + shift
