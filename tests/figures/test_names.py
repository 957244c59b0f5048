"""Names are drawn as they are written, and not read as mathematics."""

import io

import pytest

from crosswarp.figures.style import new_figure, styled


@pytest.mark.parametrize("name", ["$x$", "a_b^{", "$\\frac{$", "100 % $"])
def test_a_name_is_no_formula(name: str) -> None:
    with styled():
        figure = new_figure(3.0, 2.0)
        axes = figure.add_subplot()
        axes.set_title(name)
        axes.plot([0, 1], label=name)
        axes.legend()
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg")
    assert drawn.getvalue().count(name) >= 2
