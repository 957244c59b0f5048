"""Equal panels, one a model, with shared axes and one name for each axis."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from crosswarp.figures.style import WIDTH, new_figure, panel_columns

LABEL_SIZE = 8.5


def titled_panels(
    titles: Sequence[str], names: tuple[str, str], row_height: float | None = None
) -> tuple[Figure, list[Axes]]:
    """Make one panel a title; call it inside `styled`.

    Args:
        titles: Above each panel, from left to right and top to bottom.
        names: Of the horizontal and of the vertical axis.
        row_height: Inches of a row; as high as a panel is wide when None.

    Returns:
        The figure and as many axes as titles.
    """
    columns = panel_columns(len(titles))
    rows = -(-len(titles) // columns)
    square = (WIDTH - 0.4) / max(columns, 2)
    figure = new_figure(WIDTH, 0.5 + (row_height or square) * rows)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    panels: list[Axes] = list(grid.flat)
    for axes in panels[len(titles) :]:
        axes.set_visible(False)
    # A column that ends early keeps its numbers: they stand under its last panel.
    for axes in panels[len(titles) - columns : len(titles)]:
        axes.tick_params(labelbottom=True)
    for axes, title in zip(panels, titles, strict=False):
        axes.set_title(title)
    figure.supxlabel(names[0], fontsize=LABEL_SIZE)
    figure.supylabel(names[1], fontsize=LABEL_SIZE)
    return figure, panels[: len(titles)]


def unit_square(axes: Axes) -> None:
    """Show both axes from 0 to 1, with equal scales and few numbers."""
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    axes.set_xticks([0, 0.5, 1])
    axes.set_yticks([0, 0.5, 1])


def name_lines(figure: Figure, lines: Sequence[tuple[str, str]]) -> None:
    """Write what each colour is, above the panels where no line runs.

    Args:
        figure: Figure that `titled_panels` made.
        lines: Name and colour of each.
    """
    handles = [Line2D([], [], color=colour, label=name) for name, colour in lines]
    figure.legend(
        handles=handles,
        loc="outside upper right",
        ncols=len(lines),
        labelcolor="linecolor",
        handlelength=1.2,
    )
