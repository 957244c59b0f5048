"""ROC curves: every network thin, their vertical mean thick, with its band."""

from matplotlib.axes import Axes

from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.panels import titled_panels, unit_square
from crosswarp.figures.style import BLUE, FAINT, MUTED, show_band, styled
from crosswarp.report.asked import curves_of, rest
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run
from crosswarp.report.wording import MINUS, interval, spread
from crosswarp.statistics.curves import Curve, MeanRoc
from crosswarp.study.model_metrics import ClassMetrics, ModelMetrics

NO_CURVE = "no fold has test scans of every class, so there is no curve"


def draw(run: Run) -> Illustration:
    """Draw one panel a model, or a model and class."""
    found = curves_of(run, "mean_roc")
    if not found:
        raise MissingDerivativeError(NO_CURVE)
    with styled():
        figure, panels = titled_panels(
            list(found), (f"1 {MINUS} specificity", "sensitivity")
        )
        for axes, entry in zip(panels, found.values(), strict=True):
            if entry.mean_roc is not None:
                _draw(axes, entry, entry.mean_roc)
    areas = "; ".join(
        f"{title} {interval(entry.overall['roc_auc'], 2)}"
        for title, entry in found.items()
    )
    return Illustration(
        figure,
        "ROC curve of each fold (grey) and their vertical mean (blue) with its"
        " 95\u00a0% band, pointwise, from the bootstrap over participants; the diagonal"
        " is chance. Mean ± SD of the AUC over folds stands in each panel."
        f"{rest(run)}",
        "ROC curves, one for each panel. AUC over within-fold pairs with its 95\u00a0%"
        f" interval: {areas}.",
    )


def _draw(axes: Axes, model: ModelMetrics | ClassMetrics, mean: MeanRoc) -> None:
    show_band(axes, mean.false_positive_rate, mean.low, mean.high)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.6, linestyle=(0, (2, 3)))
    for cell in model.cells:
        if cell.roc:
            axes.plot(*_points(cell.roc), color=FAINT, linewidth=0.8)
    axes.plot(*_points(mean), color=BLUE, linewidth=2)
    axes.text(
        0.97,
        0.05,
        f"AUC {spread(model.mean['roc_auc'], model.sd['roc_auc'], 2)}",
        ha="right",
        color=BLUE,
    )
    unit_square(axes)


def _points(curve: Curve | MeanRoc) -> tuple[list[float], list[float]]:
    return curve.false_positive_rate, curve.true_positive_rate
