"""One scan: the aligned T1w, and where it is larger or smaller than the template."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crosswarp.figures.brain import (
    colour_bar,
    mark_sides,
    show_anatomy,
    show_edges,
    show_outline,
    show_signed,
    symmetric_limit,
)
from crosswarp.figures.slices import (
    HIPPOCAMPAL_CUTS,
    Box,
    Slice,
    brain_box,
    plane_axes,
    take_slice,
)
from crosswarp.figures.style import MUTED, WIDTH, new_figure, styled
from crosswarp.types.arrays import SpatialMap

Cuts = tuple[float, float, float]

ENDS = ("smaller than the template", "larger")
NAME = "log-Jacobian"

TISSUE_EDGES = (0.35, 0.72)
"""Intensities between fluid and grey, and grey and white matter of the template."""


@dataclass(frozen=True)
class Registered:
    """What shows whether a registration worked.

    Attributes:
        t1w: After the whole registration, on the template's grid.
        template: Brain only, in [0, 1]; the edges of its tissues are drawn over.
    """

    t1w: SpatialMap
    template: SpatialMap


def draw_scan(
    t1w: SpatialMap,
    log_jacobian: SpatialMap,
    template_mask: SpatialMap | None = None,
    cuts: Cuts = HIPPOCAMPAL_CUTS,
    limit: float | None = None,
    registered: Registered | None = None,
) -> Figure:
    """Draw a scan and its log-Jacobian in three planes.

    Args:
        t1w: Affinely aligned to the template, brain only, 0 outside.
        log_jacobian: Without unit; > 0 where the participant is larger than the
            template.
        template_mask: 1 in the template's brain; its edge is drawn on both rows.
        cuts: Sagittal, coronal and axial plane, in millimetres, RAS+.
        limit: Value of the strongest colours; from the brain's values when None.
        registered: Adds a row between them that shows whether the registration
            worked.

    Returns:
        The participant's left is on the left, marked L.
    """
    limit = symmetric_limit(log_jacobian, template_mask) if limit is None else limit
    scans = [t1w] if registered is None else [t1w, registered.t1w]
    with styled():
        box = brain_box(t1w if template_mask is None else template_mask)
        figure = new_figure(WIDTH, 4.9 if registered is None else 6.9)
        rows = figure.subplots(len(scans) + 1, 3, width_ratios=_widths(box))
        for axis, position in enumerate(cuts):
            for row, scan in zip(rows, scans, strict=False):
                plane = take_slice(scan, axis, position)
                show_anatomy(row[axis], plane, _brightest(scan))
            image = show_signed(
                rows[-1, axis], take_slice(log_jacobian, axis, position), limit
            )
            if registered is not None:
                edges = take_slice(registered.template, axis, position)
                show_edges(rows[1, axis], edges, TISSUE_EDGES)
            rows[0, axis].set_title(plane.title, loc="center", color=MUTED)
            for axes in rows[:, axis]:
                _finish(axes, plane, template_mask, box)
        rows[0, 0].set_ylabel("T1w, aligned")
        rows[-1, 0].set_ylabel(NAME)
        if registered is not None:
            rows[1, 0].set_ylabel("registered; template's edges")
        colour_bar(figure, image, list(rows.flat), ENDS, NAME)
    return figure


@dataclass(frozen=True)
class Layer:
    """A signed map to be drawn over the template.

    Attributes:
        signed: On the template grid.
        ends: What the lower and the upper end of the scale mean.
        name: Of the quantity.
        limit: Value of the strongest colours; from the brain's values when None.
    """

    signed: SpatialMap
    ends: tuple[str, str]
    name: str
    limit: float | None = None


def draw_over_template(
    signed: SpatialMap,
    template: SpatialMap | None,
    template_mask: SpatialMap | None,
    ends: tuple[str, str],
    name: str,
) -> Figure:
    """Draw one signed map over the template; see `draw_layers`."""
    return draw_layers([Layer(signed, ends, name)], template, template_mask)


def draw_layers(
    layers: Sequence[Layer],
    template: SpatialMap | None,
    template_mask: SpatialMap | None,
) -> Figure:
    """Draw signed maps over the template in three planes, one row a map.

    Args:
        layers: Each with its scale below it.
        template: T1w of the template; left white when None.
        template_mask: 1 in the template's brain.
    """
    with styled():
        box = brain_box(layers[0].signed if template_mask is None else template_mask)
        figure = new_figure(WIDTH, 2.9 * len(layers))
        rows = figure.subplots(len(layers), 3, squeeze=False, width_ratios=_widths(box))
        for row, layer in zip(rows, layers, strict=True):
            limit = layer.limit or symmetric_limit(layer.signed, template_mask)
            planes = _draw_layer(figure, list(row), layer, limit, template)
            for axes, plane in zip(row, planes, strict=True):
                _finish(axes, plane, template_mask, box)
        for axes, plane in zip(rows[0], planes, strict=True):
            axes.set_title(plane.title, loc="center", color=MUTED)
    return figure


def _draw_layer(
    figure: Figure,
    row: list[Axes],
    layer: Layer,
    limit: float,
    template: SpatialMap | None,
) -> list[Slice]:
    planes = [
        take_slice(layer.signed, axis, position)
        for axis, position in enumerate(HIPPOCAMPAL_CUTS)
    ]
    for axes, plane in zip(row, planes, strict=True):
        if template is not None:
            anatomy = take_slice(template, plane.axis, plane.position)
            show_anatomy(axes, anatomy, _brightest(template))
        image = show_signed(axes, plane, limit, over_anatomy=template is not None)
    colour_bar(figure, image, row, layer.ends, layer.name)
    return planes


def _finish(
    axes: Axes, plane: Slice, template_mask: SpatialMap | None, box: Box
) -> None:
    """Add the template's outline and the letters of the sides; show only the brain.

    Every plane is as high as the highest, so that all have one scale.
    """
    if template_mask is not None:
        show_outline(axes, take_slice(template_mask, plane.axis, plane.position))
    mark_sides(axes, plane)
    across, up = plane_axes(plane.axis)
    half = max(_size(box[1]), _size(box[2])) / 2
    middle = sum(box[up]) / 2
    axes.set(xlim=box[across], ylim=(middle - half, middle + half), aspect="equal")


def _widths(box: Box) -> list[float]:
    return [_size(box[plane_axes(axis)[0]]) for axis in range(3)]


def _size(ends: tuple[float, float]) -> float:
    return ends[1] - ends[0]


def _brightest(anatomy: SpatialMap) -> float:
    """Choose the value drawn white: a bright vessel should not darken the rest."""
    inside = anatomy.values[anatomy.values > 0]
    return float(np.quantile(inside, 0.995)) if inside.size else 1.0
