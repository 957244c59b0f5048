"""Precision against recall: every network thin, their mean thick, with its band."""

from typing import Any

from matplotlib.axes import Axes

from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.panels import titled_panels, unit_square
from crosswarp.figures.style import BLUE, FAINT, MUTED, show_band, styled
from crosswarp.report.figures.roc import NO_CURVE
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run
from crosswarp.report.wording import number, spread


def draw(run: Run) -> Illustration:
    """Draw one panel a model."""
    models = run.metrics["models"]
    names = [name for name in run.compared() if models[name]["mean_pr"]]
    if not names:
        raise MissingDerivativeError(NO_CURVE)
    positive = run.predictions.positive
    with styled():
        figure, panels = titled_panels(names, ("recall (sensitivity)", "precision"))
        for axes, name in zip(panels, names, strict=True):
            _draw_model(axes, models[name])
    share = number(models[names[0]]["mean_pr"]["prevalence"], 2)
    areas = "; ".join(
        f"{name} {spread(models[name]['mean']['pr_auc'], models[name]['sd']['pr_auc'])}"
        for name in names
    )
    return Illustration(
        figure,
        f"Precision (of the scans called {positive}, the share that is) against recall,"
        " for each fold (grey), and their mean (blue) with its 95\u00a0% band,"
        " pointwise, from the bootstrap over participants. The dotted line is chance:"
        f" the share of {positive} among the tested, {share}. In a clinic with fewer"
        " cases precision is lower. Mean ± SD of the area over folds stands in each"
        " panel.",
        "Curves of precision against recall, one panel a model. Area under the curve,"
        f" mean ± SD over folds: {areas}.",
    )


def _draw_model(axes: Axes, model: dict[str, Any]) -> None:
    mean = model["mean_pr"]
    show_band(axes, mean["recall"], mean["low"], mean["high"])
    axes.axhline(mean["prevalence"], color=MUTED, linewidth=0.6, linestyle=(0, (2, 3)))
    for cell in model["cells"]:
        if cell["pr"]:
            # Precision stays what it is until the next scan is called positive.
            axes.step(
                cell["pr"]["recall"],
                cell["pr"]["precision"],
                where="post",
                color=FAINT,
                linewidth=0.8,
            )
    axes.plot(mean["recall"], mean["precision"], color=BLUE, linewidth=2)
    axes.text(
        0.03,
        0.05,
        f"area {spread(model['mean']['pr_auc'], model['sd']['pr_auc'], 2)}",
        color=BLUE,
    )
    unit_square(axes)
