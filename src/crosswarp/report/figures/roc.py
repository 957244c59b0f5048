"""ROC curves: every network thin, their vertical mean thick."""

from typing import Any

from matplotlib.axes import Axes

from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.style import (
    BLUE,
    FAINT,
    MUTED,
    WIDTH,
    new_figure,
    panel_columns,
    styled,
)
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run
from crosswarp.report.wording import MINUS, interval, spread


def draw(run: Run) -> Illustration:
    """Draw one panel a model."""
    models = run.metrics["models"]
    names = [name for name in run.models() if models[name]["mean_roc"]]
    if not names:
        msg = "ROC curves need two classes in a fold"
        raise MissingDerivativeError(msg)
    columns = panel_columns(len(names))
    rows = -(-len(names) // columns)
    with styled():
        figure = new_figure(WIDTH, 0.4 + (WIDTH - 0.4) / max(columns, 2) * rows)
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for axes, name in zip(panels.flat, names, strict=False):
            _draw_model(axes, name, models[name])
        for axes in panels.flat[len(names) :]:
            axes.set_visible(False)
        figure.supxlabel(f"1 {MINUS} specificity", fontsize=8.5)
        figure.supylabel("sensitivity", fontsize=8.5)
    best = ", ".join(
        f"{name} {interval(models[name]['overall']['roc_auc'], 2)}" for name in names
    )
    return Illustration(
        figure,
        "ROC curve of each fold (thin) and their vertical mean (thick); the diagonal is"
        " chance. Mean ± SD of the AUC over folds stands in each panel.",
        f"ROC curves of each model. AUC over within-fold pairs: {best}.",
    )


def _draw_model(axes: Axes, name: str, model: dict[str, Any]) -> None:
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.6, linestyle=(0, (2, 3)))
    for cell in model["cells"]:
        if cell["roc"]:
            axes.plot(*_points(cell["roc"]), color=FAINT, linewidth=0.8)
    axes.plot(*_points(model["mean_roc"]), color=BLUE, linewidth=2)
    axes.set_title(name)
    axes.text(
        0.97,
        0.05,
        f"AUC {spread(model['mean']['roc_auc'], model['sd']['roc_auc'], 2)}",
        ha="right",
        color=BLUE,
    )
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    axes.set_xticks([0, 0.5, 1])
    axes.set_yticks([0, 0.5, 1])


def _points(curve: dict[str, list[float]]) -> tuple[list[float], list[float]]:
    return curve["false_positive_rate"], curve["true_positive_rate"]
