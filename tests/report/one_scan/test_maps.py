"""Volumes of regions: known Jacobians give known per cent."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crosswarp.atlas import load_atlas
from crosswarp.bids.names import derivative_path, template_path
from crosswarp.errors import InputError
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.registration.template import load_template
from crosswarp.report.one_scan import maps
from crosswarp.report.one_scan.source import OneScan
from tests.report.fake_run import SPACE, save
from tests.report.one_scan.conftest import answer

pytestmark = pytest.mark.registration


@pytest.fixture
def page(tmp_path: Path) -> OneScan:
    """A brain 20 % larger, but for its left hippocampus, which is 10 % smaller."""
    template, said = load_template(2), answer()
    affine = template.brain.affine
    labels, regions = load_atlas(template.brain.extent, affine)
    left = next(
        r.label for r in regions if (r.name, r.hemisphere) == ("hippocampus", "left")
    )
    jsm = np.where(labels == left, np.log(0.9), np.log(1.2))
    for desc, values in (("preproc", template.brain.values), ("logjacobian", jsm)):
        path = derivative_path(tmp_path, said.scan, space=SPACE, res=2, desc=desc)
        path.parent.mkdir(parents=True, exist_ok=True)
        save(path, values, affine)
    return OneScan(tmp_path, said, (SPACE, 2), tmp_path / "bundle", QualityLimits())


def test_the_smallest_region_comes_first_with_its_side(page: OneScan) -> None:
    table = maps.tabulate(page)
    assert table.rows[0] == ["hippocampus", "\u221210.0", "+20.0"]
    assert {cell for row in table.rows[1:] for cell in row[1:]} == {"+20.0"}
    assert "no reference group" in table.note


def test_another_template_has_no_regions_here(page: OneScan) -> None:
    with pytest.raises(InputError, match="the atlas of regions lies in"):
        maps.tabulate(replace(page, grid=("OwnTemplate", 2)))


@pytest.mark.parametrize("mask", ["none", "damaged", "whole"])
def test_the_picture_needs_no_mask(page: OneScan, mask: str) -> None:
    template = load_template(2)
    path = template_path(page.out, space=SPACE, res=2, desc="brain", suffix="mask")
    if mask == "damaged":
        path.write_bytes(b"no image")
    if mask == "whole":
        save(path, template.mask, template.brain.affine)
    assert "smaller than the template" in maps.draw(page).alternative


def test_a_region_on_one_side_only_leaves_the_other_empty() -> None:
    assert maps._percent(None) == ""
