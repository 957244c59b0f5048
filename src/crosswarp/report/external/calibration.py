"""Whether probabilities hold on the cohort, before and after recalibration."""

import pandas as pd
from matplotlib.axes import Axes

from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.panels import name_lines, titled_panels, unit_square
from crosswarp.figures.style import MUTED, styled
from crosswarp.report.external.source import STAGES, Evaluated
from crosswarp.report.parts import Illustration, Table
from crosswarp.report.wording import count, interval
from crosswarp.study.external import RecalibratedOn
from crosswarp.study.names import CALIBRATION


def draw(page: Evaluated) -> Illustration:
    """Draw the reliability curve of each class, a colour a stage."""
    table = page.table(CALIBRATION)
    if table.empty:
        msg = "no reliability curve: there are too few scans"
        raise MissingDerivativeError(msg)
    parts = {str(name): part for name, part in table.groupby("class")}
    there = set(table["stage"])
    with styled():
        figure, panels = titled_panels(
            list(parts), ("probability of the class", "share with the class")
        )
        for axes, rows in zip(panels, parts.values(), strict=True):
            _draw_class(axes, rows)
        name_lines(figure, [line for stage, line in STAGES.items() if stage in there])
    return Illustration(
        figure,
        "Scans in bins of about equal number: mean predicted probability against the"
        " share that had the class, with 95\u00a0% intervals (Wilson). On the dotted"
        " line a probability is what it says.",
        f"Reliability curves of {', '.join(parts)}. The numbers are in the table of"
        " calibration.",
    )


def tabulate(page: Evaluated) -> Table:
    """Show slope, calibration in the large and Brier score at each stage."""
    found = page.found
    rows = [
        [
            entry.name,
            STAGES[entry.stage][0],
            interval(entry.slope, 2),
            interval(entry.in_the_large, 2),
            interval(entry.brier),
        ]
        for entry in found.calibration
    ]
    columns = [
        "Class",
        "Probabilities",
        "Slope [95\u00a0%]",
        "In the large [95\u00a0%]",
    ]
    return Table(
        "Calibration",
        [*columns, "Brier [95\u00a0%]"],
        rows,
        "Slope 1 and calibration in the large 0 where the probabilities are right; a"
        " slope below 1 where they are too extreme; in the large above 0 where they are"
        f" too low. {_how(found.recalibration)}",
    )


def _how(part: RecalibratedOn) -> str:
    if part.method is None:
        return f"Not recalibrated: {part.reason}."
    people = count(part.participants, "participant")
    return (
        f"Recalibrated ({part.method}) on {people}, {part.share:.0%} of each diagnosis,"
        f" drawn with seed {part.seed}; they are in no row that speaks of those outside"
        " the part. This is what a local adjustment would give, and no test on a third"
        " cohort."
    )


def _draw_class(axes: Axes, rows: pd.DataFrame) -> None:
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.6, linestyle=(0, (2, 3)))
    for stage, (_, colour) in STAGES.items():
        bins = rows[rows["stage"] == stage].sort_values("mean_probability")
        at = bins["mean_probability"]
        axes.vlines(at, bins["low"], bins["high"], color=colour, alpha=0.75)
        axes.plot(at, bins["observed"], "o-", color=colour, markersize=3.5)
    unit_square(axes)
