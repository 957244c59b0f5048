"""One look for every figure: few colours, thin lines, labels beside what they name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

INK = "#1f2933"
"""Text and axes: 14:1 on white."""
MUTED = "#52606d"
"""Secondary text: 6:1 on white."""
FAINT = "#6f7d8b"
"""Guides and single folds behind their mean: 4:1 on white, 3:1 on `PALE`."""
BLUE = "#0b5fa5"
"""What the eye should follow. With `ORANGE`, apart for colour-blind readers too."""
PALE = "#d3e3f1"
"""The band around what is `BLUE`: light enough for single folds to show on it."""
EDGE = "#5b93c4"
"""The edges of that band, which alone would be too pale to be seen: 3:1."""
ORANGE = "#b8500c"
DIVERGING = "RdBu_r"
"""Blue below 0 (smaller than the template), red above; colour-blind safe."""

WIDTH = 6.8
"""Inches: the text column of the page at its full width."""

_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "crosswarp",
    "svg.fonttype": "none",
    # Measured with the font that comes with matplotlib, so that every machine draws
    # the same file; `svg` replaces it by the reader's own, narrower one.
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    # Names of models and diagnoses are drawn as they are written.
    "text.parse_math": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 8.5,
    "axes.titlelocation": "left",
    "axes.unicode_minus": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


@contextmanager
def styled() -> Iterator[None]:
    """Apply the look inside a block, and leave matplotlib as it was."""
    with rc_context(_SETTINGS):
        yield


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure without pyplot, which would keep it for ever.

    Args:
        width: Width in inches.
        height: Height in inches.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def show_band(
    axes: Axes, x: ArrayLike, low: ArrayLike | None, high: ArrayLike | None
) -> None:
    """Draw an interval about a curve: pale, with edges that can be seen.

    Nothing is drawn where there is no interval (None, or all NaN).
    """
    if low is None or high is None or np.isnan(np.asarray(low, float)).all():
        return
    axes.fill_between(x, low, high, color=PALE, linewidth=0)
    for edge in (low, high):
        axes.plot(x, edge, color=EDGE, linewidth=0.6)


def panel_columns(panels: int) -> int:
    """Choose how many of equal panels stand side by side.

    Example:
        >>> [panel_columns(count) for count in (1, 3, 4, 5, 7, 9)]
        [1, 3, 4, 3, 4, 3]
    """
    if panels <= 4:
        return panels
    return 3 if panels in (5, 6, 9) else 4


def hide_frame(axes: Axes) -> None:
    """Leave only what is drawn: no ticks, no lines around."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
