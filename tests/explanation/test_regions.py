"""rank_regions: shares by hand."""

import numpy as np
import pytest

from crosswarp.atlas import Region
from crosswarp.explanation.regions import ELSEWHERE, OUTSIDE, rank_regions

LABELS = np.array([[[1, 1, 2, 0, 0, 0]]])
BRAIN = np.array([[[True, True, True, True, False, False]]])
REGIONS = [Region(1, "hippocampus", "left"), Region(2, "amygdala", "left")]


def test_shares_by_hand() -> None:
    absolute = np.array([[[1.0, 1, 6, 1, 1, 0]]])
    signed = np.array([[[1.0, -1, 6, 1, 1, 0]]])
    table = rank_regions(absolute, signed, LABELS, REGIONS, BRAIN)
    assert table["region"].tolist() == [
        "amygdala",
        "hippocampus",
        ELSEWHERE,
        OUTSIDE,
    ]
    assert table["share"].tolist() == pytest.approx([0.6, 0.2, 0.1, 0.1])
    assert table["share"].sum() == pytest.approx(1)
    # One voxel of six holds 0.6 of it.
    assert table["density"].iloc[0] == pytest.approx(3.6)
    assert table["signed"].tolist() == [6, 0, 1, 1]


def test_nothing_is_not_a_division_by_zero() -> None:
    nothing = np.zeros(LABELS.shape)
    table = rank_regions(nothing, nothing, LABELS, REGIONS, BRAIN)
    assert table["share"].tolist() == [0, 0, 0, 0]


def test_a_region_outside_the_grid_has_no_density() -> None:
    absent = [*REGIONS, Region(9, "cuneus", "right")]
    ones = np.ones(LABELS.shape)
    table = rank_regions(ones, ones, LABELS, absent, BRAIN).set_index("region")
    assert table.loc["cuneus", "voxels"] == 0
    assert table.loc["cuneus", "density"] == 0
