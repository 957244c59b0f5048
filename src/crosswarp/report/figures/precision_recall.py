"""Precision against recall: every network thin, their mean thick, with its band."""

from collections.abc import Mapping

from matplotlib.axes import Axes

from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.panels import titled_panels, unit_square
from crosswarp.figures.style import BLUE, FAINT, MUTED, show_band, styled
from crosswarp.report.asked import curves_of, rest
from crosswarp.report.figures.roc import NO_CURVE
from crosswarp.report.parts import Illustration
from crosswarp.report.questions import shown_classes
from crosswarp.report.run import Run
from crosswarp.report.wording import number, spread
from crosswarp.statistics.curves import MeanPrecisionRecall
from crosswarp.study.model_metrics import ClassMetrics, ModelMetrics


def draw(run: Run) -> Illustration:
    """Draw one panel a model, or a model and class."""
    found = curves_of(run, "mean_pr")
    if not found:
        raise MissingDerivativeError(NO_CURVE)
    what = shown_classes(run)
    with styled():
        figure, panels = titled_panels(
            list(found), ("recall (sensitivity)", "precision")
        )
        for axes, entry in zip(panels, found.values(), strict=True):
            if entry.mean_pr is not None:
                _draw(axes, entry, entry.mean_pr)
    areas = "; ".join(
        f"{title} {spread(entry.mean['pr_auc'], entry.sd['pr_auc'])}"
        for title, entry in found.items()
    )
    return Illustration(
        figure,
        f"Precision (of the scans called {what}, the share that is) against recall,"
        " for each fold (grey), and their mean (blue) with its 95\u00a0% band,"
        " pointwise, from the bootstrap over participants. The dotted line is chance:"
        f" the share of {what} among the tested"
        f"{_share(run, found)}. In a clinic with fewer cases precision is lower."
        f" Mean ± SD of the area over folds stands in each panel.{rest(run)}",
        "Curves of precision against recall, one for each panel. Area under the curve,"
        f" mean ± SD over folds: {areas}.",
    )


def _share(run: Run, found: Mapping[str, ModelMetrics | ClassMetrics]) -> str:
    if len(run.predictions.classes) > 2:
        return ""
    mean = next(iter(found.values())).mean_pr
    return f", {number(None if mean is None else mean.prevalence, 2)}"


def _draw(
    axes: Axes, model: ModelMetrics | ClassMetrics, mean: MeanPrecisionRecall
) -> None:
    show_band(axes, mean.recall, mean.low, mean.high)
    axes.axhline(mean.prevalence, color=MUTED, linewidth=0.6, linestyle=(0, (2, 3)))
    for cell in model.cells:
        if cell.pr:
            # Precision stays what it is until the next scan is called positive.
            axes.step(
                cell.pr.recall,
                cell.pr.precision,
                where="post",
                color=FAINT,
                linewidth=0.8,
            )
    axes.plot(mean.recall, mean.precision, color=BLUE, linewidth=2)
    axes.text(
        0.03,
        0.05,
        f"area {spread(model.mean['pr_auc'], model.sd['pr_auc'], 2)}",
        color=BLUE,
    )
    unit_square(axes)
