"""Whether a probability of 0.7 means seven in ten."""

import pandas as pd
from matplotlib.axes import Axes

from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.panels import name_lines, titled_panels, unit_square
from crosswarp.figures.style import BLUE, MUTED, ORANGE, styled
from crosswarp.report.parts import Illustration
from crosswarp.report.questions import questions, shown_classes
from crosswarp.report.run import Run
from crosswarp.study.names import CALIBRATION

STAGES = {"before": ("as predicted", BLUE), "after": ("scaled", ORANGE)}


def draw(run: Run) -> Illustration:
    """Draw one reliability curve a model and class, before and after scaling."""
    table = run.evaluated(CALIBRATION)
    asked = questions(run, table)
    if not asked:
        msg = "no reliability curve: there are too few scans"
        raise MissingDerivativeError(msg)
    what = shown_classes(run)
    with styled():
        figure, panels = titled_panels(
            [question.title for question in asked],
            (f"probability of {what}", f"share with {what}"),
        )
        for axes, question in zip(panels, asked, strict=True):
            _draw_question(axes, question.rows)
        has_after = "after" in set(table["stage"])
        if has_after:
            name_lines(figure, list(STAGES.values()))
    scaled = (
        " Orange: after temperature scaling, one number a network, fitted on"
        " validation scans and shrunk towards 1."
        if has_after
        else " There were too few validation scans to fit a temperature."
    )
    return Illustration(
        figure,
        "Tested scans in bins of about equal number: mean predicted probability of"
        f" {what} against the share that had it, with 95\u00a0% intervals (Wilson)."
        f"{scaled} On the dotted line a probability is what it says, at this cohort's"
        f" share of {what}.",
        "Reliability curves, predicted probability against observed share, one panel"
        f" for each of {', '.join(question.title for question in asked)}. The numbers"
        " are in the table of calibration.",
    )


def _draw_question(axes: Axes, rows: pd.DataFrame) -> None:
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.6, linestyle=(0, (2, 3)))
    for stage, (_, colour) in STAGES.items():
        bins = rows[rows["stage"] == stage].sort_values("mean_probability")
        axes.vlines(
            bins["mean_probability"],
            bins["low"],
            bins["high"],
            color=colour,
            linewidth=0.9,
            alpha=0.75,
        )
        axes.plot(
            bins["mean_probability"],
            bins["observed"],
            "o-",
            color=colour,
            linewidth=1.2,
            markersize=3.5,
        )
    unit_square(axes)
