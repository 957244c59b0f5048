import numpy as np
import pytest
import torch

from crosswarp.longitudinal.change import Change
from crosswarp.longitudinal.midspace import Midspace
from crosswarp.longitudinal.pairs import Grid
from crosswarp.longitudinal.regions import (
    carrier,
    change_map,
    log_ratios,
    region_volumes,
)
from crosswarp.registration.result import Registration
from crosswarp.types.arrays import SpatialMap

EXTENT = (8, 9, 10)


@pytest.fixture
def change() -> Change:
    """A tenth of volume lost everywhere, half of it on either side."""
    brain = np.ones(EXTENT, bool)
    grid = Grid(EXTENT, np.eye(4), torch.ones(EXTENT))
    half = np.full(EXTENT, np.log(0.9) / 2, np.float32)
    space = Midspace((np.eye(4), np.eye(4)), grid, brain, 1.0)
    return Change(space, np.zeros((*EXTENT, 3), np.float32), (-half, half))


@pytest.fixture
def carriers(change):
    still = Registration(np.eye(4), np.zeros((*EXTENT, 3), np.float32))
    template = SpatialMap(np.ones(EXTENT, np.float32), np.eye(4))
    return [carrier(still, template, np.eye(4), change) for _ in range(2)]


def test_volumes_are_those_of_both_visits(change, carriers):
    labels = np.zeros(EXTENT, int)
    labels[2:4] = 7
    volumes = region_volumes(change, carriers, labels, [7, 9])
    size = 2 * EXTENT[1] * EXTENT[2]
    assert volumes[0] == pytest.approx([size / np.sqrt(0.9), size * np.sqrt(0.9)])
    assert log_ratios(volumes)[0] == pytest.approx(np.log(0.9))


def test_a_region_without_volume_has_no_change(change, carriers):
    labels = np.zeros(EXTENT, int)
    labels[2:4] = 7
    assert np.isnan(log_ratios(region_volumes(change, carriers, labels, [7, 9]))[1])


def test_the_map_of_change_is_0_outside_the_brain(change, carriers):
    within = np.zeros(EXTENT, bool)
    within[2:5] = True
    found = change_map(change, carriers, within)
    assert found[3, 4, 5] == pytest.approx(np.log(0.9), rel=1e-5)
    assert not found[~within].any()


def test_turned_round_volumes_change_places(change, carriers):
    labels = np.full(EXTENT, 3)
    there, back = (
        region_volumes(each, carriers, labels, [3])
        for each in (change, change.turned_round())
    )
    assert np.array_equal(there, back[:, ::-1])
