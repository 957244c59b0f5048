"""Strokes of a brain picture: grey anatomy, signed maps, outline, sides, colour bar."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from crosswarp.figures.slices import Slice
from crosswarp.figures.style import DIVERGING, INK, MUTED, hide_frame
from crosswarp.types.arrays import SpatialMap

EDGES = "#ff9d2e"
"""Thin lines over grey anatomy: bright on dark and on light tissue."""

SEEN = 0.4
"""Share of the limit from which a signed map hides the anatomy under it."""


def show_anatomy(axes: Axes, plane: Slice, brightest: float) -> None:
    """Draw grey values from 0 (black) up; what is exactly 0 stays white paper."""
    hide_frame(axes)
    values = np.where(plane.values > 0, plane.values, np.nan)
    axes.imshow(
        values,
        cmap="gray",
        vmin=0,
        vmax=brightest,
        extent=plane.borders,
        origin="lower",
        interpolation="bilinear",
        interpolation_stage="rgba",
    )


def show_signed(
    axes: Axes, plane: Slice, limit: float, *, over_anatomy: bool = False
) -> AxesImage:
    """Draw a signed map in the diverging colours, 0 in the middle.

    What is exactly 0 lies outside the brain and stays white paper.

    Args:
        axes: Where to draw.
        plane: Of the map.
        limit: Value of the strongest colours, on both sides.
        over_anatomy: Let values near 0 show what is already drawn.
    """
    hide_frame(axes)
    strength = np.abs(plane.values) / (SEEN * limit)
    return axes.imshow(
        np.where(plane.values == 0, np.nan, plane.values),
        cmap=DIVERGING,
        norm=Normalize(-limit, limit),
        alpha=strength.clip(0, 1) if over_anatomy else None,
        extent=plane.borders,
        origin="lower",
        interpolation="nearest",
    )


def show_outline(axes: Axes, plane: Slice) -> None:
    """Draw the edge of a mask (0 outside, 1 inside)."""
    _contour(axes, plane, (0.5,), INK, 0.7)


def show_edges(axes: Axes, plane: Slice, levels: tuple[float, ...]) -> None:
    """Draw lines along which an anatomy has some intensities, over another one."""
    _contour(axes, plane, levels, EDGES, 0.45)


def _contour(
    axes: Axes, plane: Slice, levels: tuple[float, ...], colour: str, width: float
) -> None:
    crossed = [v for v in levels if plane.values.min() < v <= plane.values.max()]
    if not crossed:
        return
    left, right, bottom, top = plane.borders
    rows, columns = plane.values.shape
    across, up = (right - left) / columns, (top - bottom) / rows
    axes.contour(
        left + across * (np.arange(columns) + 0.5),
        bottom + up * (np.arange(rows) + 0.5),
        plane.values,
        levels=crossed,
        colors=colour,
        linewidths=width,
    )


def mark_sides(axes: Axes, plane: Slice) -> None:
    """Write L and R (or P and A) at the edges."""
    for letter, x, side in zip(plane.sides, (0.0, 1.0), ("left", "right"), strict=True):
        axes.text(
            x, 0.99, letter, transform=axes.transAxes, ha=side, va="top", color=MUTED
        )


def colour_bar(
    figure: Figure, image: AxesImage, axes: list[Axes], ends: tuple[str, str], name: str
) -> None:
    """Draw the scale of a signed map below its planes.

    Args:
        figure: Of the planes.
        image: One of the planes; all have the same scale.
        axes: The planes it belongs to.
        ends: What the lower and the upper end mean.
        name: Of the quantity, with its unit.
    """
    bar = figure.colorbar(
        image, ax=axes, location="bottom", aspect=45, shrink=0.72, pad=0.02
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=2)
    bar.set_label(f"{ends[0]}  \u25c2  {name}  \u25b8  {ends[1]}")


def symmetric_limit(signed: SpatialMap, mask: SpatialMap | None = None) -> float:
    """Choose a limit for the colours: 99.5th percentile of size, up to a tenth.

    Zeros are left out, and so is what lies outside the brain: most of a map is air,
    where a log-Jacobian fades out, and with it the brain's own range would be cut off.

    Args:
        signed: Map with signed values.
        mask: 1 in the brain; not used where it has another extent.
    """
    counted = signed.values != 0
    if mask is not None and mask.extent == signed.extent:
        counted &= mask.values > 0
    sizes = np.abs(signed.values[counted])
    if not sizes.size:
        return 0.1
    return max(0.1, float(np.ceil(np.quantile(sizes, 0.995) * 10) / 10))
