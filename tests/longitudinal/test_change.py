import numpy as np
import pytest

from crosswarp.longitudinal.change import Change, change_between, meet
from crosswarp.longitudinal.settings import LongitudinalSettings
from crosswarp.registration.resampling import grid_points
from tests.longitudinal.visits import PLACE, visit

QUICK = LongitudinalSettings(
    spacing=4, rigid_iterations=(10, 5), iterations=(6,), passes=2
)


@pytest.fixture(scope="module")
def grown() -> Change:
    return change_between(visit(), visit(turn=4, growth=0.1, noise=1), QUICK)


def near_place(found: Change) -> np.ndarray:
    """Voxels of the midspace within 12 mm of the structure that grew."""
    space = found.midspace
    point = np.linalg.inv(space.to_scans[0]) @ [*PLACE, 1]
    points = grid_points(space.grid.extent, space.grid.affine)
    return np.linalg.norm(points - point[:3], axis=-1) < 12


def test_growth_is_above_0_and_elsewhere_nothing_changes(grown):
    near = near_place(grown)
    # True is 0.062; the phantom is smooth, so that a part of it stays unseen.
    assert 0.02 < grown.log_change[near].mean() < 0.08
    elsewhere = grown.log_change[grown.midspace.brain & ~near]
    assert abs(elsewhere.mean()) < 0.005
    assert grown.midspace.correlation > 0.98


def test_scans_turned_round_turn_the_sign_to_the_last_bit(grown):
    back = change_between(visit(turn=4, growth=0.1, noise=1), visit(), QUICK)
    assert np.array_equal(back.log_change, -grown.log_change)
    assert np.array_equal(back.displacement, -grown.displacement)
    assert np.array_equal(back.midspace.to_scans[0], grown.midspace.to_scans[1])


def test_both_scans_move_by_half(grown):
    one, other = grown.midspace.to_scans
    turns = [np.degrees(np.arccos((np.trace(t[:3, :3]) - 1) / 2)) for t in (one, other)]
    assert turns[0] == pytest.approx(turns[1], abs=1e-6)
    assert turns[0] == pytest.approx(4 * np.sqrt(3) / 2, abs=0.2)


def test_another_persons_head_correlates_less(grown):
    other = meet(visit(), visit(person=2), QUICK)
    assert other.correlation < 0.9 < grown.midspace.correlation
