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
    # One voxel of the brain's four holds 6 of its 9.
    assert table["density"].tolist() == pytest.approx(
        [6 / 2.25, 1 / 2.25, 1 / 2.25, 0.5 / 2.25]
    )
    assert table["signed"].tolist() == [6, 0, 1, 1]


def test_nothing_is_not_a_division_by_zero() -> None:
    nothing = np.zeros(LABELS.shape)
    table = rank_regions(nothing, nothing, LABELS, REGIONS, BRAIN)
    assert table["share"].tolist() == [0, 0, 0, 0]
    assert table["density"].tolist() == [0, 0, 0, 0]
    no_brain = rank_regions(nothing + 1, nothing, LABELS, REGIONS, BRAIN & False)
    assert no_brain["density"].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("air", [0.0, 1.0, 7.0])
def test_uniform_over_the_brain_is_1_in_every_region_of_it(air: float) -> None:
    """Whatever a network sees in the air, and however much air there is."""
    brain = np.zeros((20, 20, 20), dtype=bool)
    brain[5:15, 5:15, 5:15] = True
    labels = np.zeros(brain.shape, dtype=int)
    labels[6:9, 6:9, 6:9] = 1
    labels[13:17, 6:9, 6:9] = 2  # half of it lies outside
    table = rank_regions(
        np.where(brain, 1.0, air), np.zeros(brain.shape), labels, REGIONS, brain
    ).set_index("region")
    inside = table.drop(index=OUTSIDE)
    assert inside["density"].tolist() == pytest.approx([1, 1, 1])
    assert inside["voxels"].sum() == 1000
    assert table.loc["amygdala", "voxels"] == 18
    share = 7000 * air / (7000 * air + 1000)
    assert table.loc[OUTSIDE, "share"] == pytest.approx(share)
    assert table.loc[OUTSIDE, "density"] == pytest.approx(air)


def test_a_region_outside_the_grid_has_no_density() -> None:
    absent = [*REGIONS, Region(9, "cuneus", "right")]
    ones = np.ones(LABELS.shape)
    table = rank_regions(ones, ones, LABELS, absent, BRAIN).set_index("region")
    assert table.loc["cuneus", "voxels"] == 0
    assert table.loc["cuneus", "density"] == 0
