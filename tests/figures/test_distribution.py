"""draw_distribution: every value in a bar, limits where they are."""

import pytest

from crosswarp.figures.distribution import (
    CHECK_SHADE,
    FAILED_SHADE,
    draw_distribution,
)


def test_every_value_is_in_a_bar_and_limits_are_shaded() -> None:
    figure = draw_distribution([0.9, 0.95, 0.5], (0.92, None), (0.85, None))
    [axes] = figure.axes
    bars = [p for p in axes.patches if p.get_zorder() == 2]
    assert sum(bar.get_height() for bar in bars) == 3
    bands = {
        "#" + "".join(f"{round(c * 255):02x}" for c in p.get_facecolor()[:3]): p
        for p in axes.patches
        if p.get_zorder() == 0
    }
    assert set(bands) == {CHECK_SHADE, FAILED_SHADE}
    for shade, end in ((CHECK_SHADE, 0.92), (FAILED_SHADE, 0.85)):
        band = bands[shade]
        assert band.get_x() + band.get_width() == pytest.approx(end)
    low, high = axes.get_xlim()
    assert low < 0.5
    assert high > 0.95


def test_upper_limits_shade_to_the_right_edge() -> None:
    [axes] = draw_distribution([1.0, 2.0], (None, 3.0), (None, 4.0)).axes
    bands = [p for p in axes.patches if p.get_zorder() == 0]
    assert [band.get_x() for band in bands] == [3.0, 4.0]
    edge = axes.get_xlim()[1]
    assert all(b.get_x() + b.get_width() == pytest.approx(edge) for b in bands)


def test_one_value_is_drawn() -> None:
    [axes] = draw_distribution([0.0], (None, None), (None, None)).axes
    assert axes.get_xlim() == (-0.5, 0.5)
