"""Equal panels."""

import pytest

from crosswarp.figures.panels import name_lines, titled_panels, unit_square
from crosswarp.figures.style import BLUE, ORANGE, styled


@pytest.mark.parametrize(("count", "hidden"), [(1, 0), (4, 0), (5, 1), (7, 1)])
def test_one_panel_a_title_and_the_rest_hidden(count: int, hidden: int) -> None:
    titles = [f"model {number}" for number in range(count)]
    with styled():
        figure, panels = titled_panels(titles, ("across", "up"))
    assert [axes.get_title(loc="left") for axes in panels] == titles
    assert len(figure.axes) == count + hidden
    assert sum(not axes.get_visible() for axes in figure.axes) == hidden
    assert (figure.get_supxlabel(), figure.get_supylabel()) == ("across", "up")


def test_a_column_that_ends_early_keeps_its_numbers() -> None:
    with styled():
        figure, panels = titled_panels(list("abcde"), ("x", "y"), row_height=1.0)
        unit_square(panels[0])
        figure.canvas.draw()
    written = [
        any(
            label.get_visible() and label.get_text() for label in axes.get_xticklabels()
        )
        for axes in panels
    ]
    assert written == [False, False, True, True, True]


def test_lines_are_named_in_their_colours() -> None:
    with styled():
        figure, _ = titled_panels(["one"], ("x", "y"))
        name_lines(figure, [("before", BLUE), ("after", ORANGE)])
    (legend,) = figure.legends
    assert [(text.get_text(), text.get_color()) for text in legend.get_texts()] == [
        ("before", BLUE),
        ("after", ORANGE),
    ]
