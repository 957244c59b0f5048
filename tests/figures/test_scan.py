"""The picture of a scan: colours, sides, outline; and its bytes."""

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib import rcParams

from crosswarp.figures.brain import symmetric_limit
from crosswarp.figures.scan import Layer, draw_layers, draw_over_template, draw_scan
from crosswarp.figures.svg import svg_text, write_svg
from crosswarp.types.arrays import SpatialMap

AFFINE = np.diag([9.0, 10.0, 11.0, 1.0])
AFFINE[:3, 3] = (-81, -100, -66)


@pytest.fixture
def brain() -> SpatialMap:
    values = np.zeros((19, 21, 17), dtype=np.float32)
    values[4:15, 4:17, 3:13] = 0.7
    return SpatialMap(values, AFFINE)


@pytest.fixture
def signed(brain: SpatialMap) -> SpatialMap:
    """Smaller on the left of the participant, larger on the right."""
    sides = np.where(np.arange(19) < 9, -0.5, 0.5)[:, None, None]
    return SpatialMap((sides * (brain.values > 0)).astype(np.float32), AFFINE)


def test_left_of_the_participant_is_left_and_blue(
    brain: SpatialMap, signed: SpatialMap
) -> None:
    figure = draw_scan(brain, signed, brain)
    coronal = figure.axes[4]
    assert [text.get_text() for text in coronal.texts] == ["L", "R"]
    image = coronal.images[0]
    left, right, bottom, top = image.get_extent()
    assert left < right
    assert bottom < top
    rows = np.ma.filled(image.get_array(), np.nan)
    assert np.nanmean(rows[:, :9]) < 0 < np.nanmean(rows[:, 10:])
    red, _, blue, _ = image.cmap(image.norm(-0.5))
    assert blue > red
    assert image.norm(0.0) == 0.5


def test_both_rows_have_planes_and_one_colour_bar(
    brain: SpatialMap, signed: SpatialMap
) -> None:
    figure = draw_scan(brain, signed, limit=0.8)
    assert len(figure.axes) == 6 + 1
    assert figure.axes[3].images[0].get_clim() == (-0.8, 0.8)
    titles = [axes.get_title(loc="center").split(",")[0] for axes in figure.axes[:3]]
    assert titles == ["sagittal", "coronal", "axial"]


def test_background_stays_paper(brain: SpatialMap, signed: SpatialMap) -> None:
    figure = draw_scan(brain, signed)
    for axes in figure.axes[:6]:
        shown = np.ma.getmaskarray(axes.images[0].get_array())
        assert shown.any()
        assert not shown.all()


def test_weak_differences_show_the_template(
    brain: SpatialMap, signed: SpatialMap
) -> None:
    names = ("smaller", "larger"), "mean"
    over = draw_over_template(signed, brain, brain, *names)
    assert [len(axes.images) for axes in over.axes[:3]] == [2, 2, 2]
    alpha = np.asarray(over.axes[1].images[1].get_alpha())
    assert alpha.min() == 0
    assert alpha.max() == 1
    alone = draw_over_template(signed, None, None, *names)
    assert [len(axes.images) for axes in alone.axes[:3]] == [1, 1, 1]


def test_empty_maps_are_drawn_blank() -> None:
    empty = SpatialMap(np.zeros((6, 7, 8), dtype=np.float32), AFFINE)
    assert "<svg" in svg_text(draw_scan(empty, empty, empty), "empty")


def test_limit_is_symmetric_and_round() -> None:
    values = np.zeros((10, 10, 10))
    assert symmetric_limit(SpatialMap(values, AFFINE)) == 0.1
    values[:5] = -0.34
    assert symmetric_limit(SpatialMap(values, AFFINE)) == pytest.approx(0.4)


def test_limit_is_of_the_brain_and_not_of_the_air() -> None:
    """A log-Jacobian fades out in the air, of which there is more."""
    values = np.full((10, 10, 10), 0.01)
    values[:1] = 0.73
    values[0, 0, 0] = 5.0
    signed = SpatialMap(values, AFFINE)
    mask = np.zeros(values.shape)
    mask[:1] = 1
    mask[0, 0] = 0
    assert symmetric_limit(signed, SpatialMap(mask, AFFINE)) == pytest.approx(0.8)
    other = SpatialMap(np.ones((3, 3, 3)), AFFINE)
    assert symmetric_limit(signed, other) == symmetric_limit(signed)


def test_svg_is_the_same_each_time_and_leaves_matplotlib_alone(
    brain: SpatialMap, signed: SpatialMap, tmp_path: Path
) -> None:
    before = dict(rcParams)
    first, again = (svg_text(draw_scan(brain, signed), "scan") for _ in range(2))
    assert first == again
    assert dict(rcParams) == before
    assert "<metadata" not in first
    assert "DejaVu" not in first
    write_svg(tmp_path / "scan.svg", first)
    assert (tmp_path / "scan.svg").read_text(encoding="utf-8").endswith(first)


def test_ids_carry_the_name_of_the_figure(
    brain: SpatialMap, signed: SpatialMap
) -> None:
    text = svg_text(draw_scan(brain, signed), "one")
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    assert ids
    assert all(name.startswith("one-") for name in ids)
    used = {
        *re.findall(r"url\(#([^)]+)\)", text),
        *re.findall(r'href="#([^"]+)"', text),
    }
    assert used
    assert used <= ids


def test_equal_rasters_have_ids_of_their_own(signed: SpatialMap) -> None:
    layer = Layer(signed, ("smaller", "larger"), "a quantity")
    text = svg_text(draw_layers([layer, layer], None, None), "two")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
