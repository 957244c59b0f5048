"""Whether acting on the answer would do more good than treating all or none."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.panels import name_lines, titled_panels
from crosswarp.figures.style import BLUE, INK, MUTED, ORANGE, show_band, styled
from crosswarp.report.parts import Illustration
from crosswarp.report.questions import questions, shown_classes
from crosswarp.report.run import Run
from crosswarp.study.names import DECISION_CURVE

LOWEST = -0.1
"""Of the drawn net benefit: treating all falls without end."""


def draw(run: Run) -> Illustration:
    """Draw one panel a model and class."""
    table = run.evaluated(DECISION_CURVE)
    asked = questions(run, table)
    if not asked:
        msg = "no decision curve: there are too few scans"
        raise MissingDerivativeError(msg)
    what = shown_classes(run)
    with styled():
        figure, panels = titled_panels(
            [question.title for question in asked],
            ("threshold probability", "net benefit"),
            row_height=1.75,
        )
        for axes, question in zip(panels, asked, strict=True):
            _draw_question(axes, question.rows)
        panels[0].set_ylim(LOWEST, 1.08 * _highest(table))
        lines = [("the model", BLUE), ("call all", INK), ("call none", MUTED)]
        has_after = "after" in set(table["stage"])
        if has_after:
            lines.insert(1, ("the model, scaled", ORANGE))
        name_lines(figure, lines)
    return Illustration(
        figure,
        f"Decision curves: net benefit of calling {what} above a threshold, with its"
        " 95\u00a0% band, beside calling every scan so (dark line) and none (zero)."
        " At a threshold of 0.2, one missed case weighs as much as four false alarms."
        " The prevalence is that of this cohort, which few clinics reach.",
        "Net benefit against threshold probability, one panel for each of"
        f" {', '.join(question.title for question in asked)}, beside the lines of"
        f" calling all and calling none. The numbers are in {DECISION_CURVE} of the"
        " run.",
    )


def _highest(table: pd.DataFrame) -> float:
    return float(np.nanmax(table[["high", "net_benefit", "treat_all"]].to_numpy()))


def _draw_question(axes: Axes, rows: pd.DataFrame) -> None:
    before, after = (rows[rows["stage"] == stage] for stage in ("before", "after"))
    show_band(axes, before["threshold"], before["low"], before["high"])
    axes.axhline(0, color=MUTED, linewidth=0.9)
    all_called = np.asarray(before["treat_all"])
    axes.plot(before["threshold"], all_called, color=INK, linewidth=0.9)
    axes.plot(before["threshold"], before["net_benefit"], color=BLUE, linewidth=1.6)
    axes.plot(after["threshold"], after["net_benefit"], color=ORANGE, linewidth=1.1)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1])
