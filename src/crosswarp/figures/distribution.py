"""How one number is spread over a cohort, and where its limits lie."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from crosswarp.figures.style import BLUE, MUTED, new_figure, styled

Ends = tuple[float | None, float | None]

MOST_BARS: Final = 30

CHECK_SHADE: Final = "#fdecc8"
FAILED_SHADE: Final = "#f3c9c2"
"""Behind the bars, where a number is worth a look and where a scan is refused."""


def draw_distribution(values: Sequence[float], fine: Ends, used: Ends) -> Figure:
    """Draw a histogram over bands that show the limits.

    Args:
        values: Of the number, at least one.
        fine: Lowest and highest that need no look; None is no limit.
        used: Lowest and highest that are used.
    """
    known = [*values, *(end for end in (*fine, *used) if end is not None)]
    margin = 0.06 * (max(known) - min(known)) or 0.5
    low, high = min(known) - margin, max(known) + margin
    with styled():
        figure = new_figure(3.2, 1.35)
        axes = figure.subplots()
        _shade(axes, fine, CHECK_SHADE, (low, high))
        _shade(axes, used, FAILED_SHADE, (low, high))
        edges = np.linspace(low, high, MOST_BARS + 1)
        axes.hist(values, bins=edges.tolist(), color=BLUE, zorder=2)
        axes.set_xlim(low, high)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_locator(MaxNLocator(2, integer=True))
        axes.set_ylabel("scans", color=MUTED)
    return figure


def _shade(axes: Axes, ends: Ends, colour: str, whole: tuple[float, float]) -> None:
    least, greatest = ends
    if least is not None:
        axes.axvspan(whole[0], least, color=colour, linewidth=0, zorder=0)
    if greatest is not None:
        axes.axvspan(greatest, whole[1], color=colour, linewidth=0, zorder=0)
