"""Whether a probability of 0.7 means seven in ten."""

from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.style import BLUE, FAINT, MUTED, WIDTH, new_figure, styled
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run

COLUMNS = ["model", "class", "stage", "mean_probability", "observed", "low", "high"]


def draw(run: Run) -> Illustration:
    """Draw one reliability curve a model, before any scaling of temperature."""
    table = run.table("calibration.tsv", COLUMNS)
    positive = run.predictions.positive
    shown = table[(table["class"] == positive) & (table["stage"] == "before")]
    names = [name for name in run.compared() if name in set(shown["model"])]
    if not names:
        msg = "no reliability curve: there are too few scans"
        raise MissingDerivativeError(msg)
    with styled():
        figure = new_figure(WIDTH, 2.3)
        panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
        for axes, name in zip(panels, names, strict=True):
            rows = shown[shown["model"] == name]
            axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.6, linestyle=(0, (2, 3)))
            axes.vlines(
                rows["mean_probability"], rows["low"], rows["high"], color=FAINT
            )
            axes.plot(rows["mean_probability"], rows["observed"], "o-", color=BLUE)
            axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
            axes.set_title(name)
        panels[0].set_ylabel(f"share with {positive}")
        figure.supxlabel(f"probability of {positive}", fontsize=8.5)
    return Illustration(
        figure,
        f"Tested scans in bins of about equal number: mean predicted probability of"
        f" {positive} against the share that had it, with 95\u00a0% intervals (Wilson)."
        " On the dotted line a probability is what it says, at this cohort's share of"
        f" {positive}.",
        f"Reliability curves of {', '.join(names)}.",
    )
