"""turn_of: the 24 ways in which a head may lie, told by the image."""

import numpy as np
import pytest

from crosswarp.preprocessing.turns import Turn, rotations, turn_of
from crosswarp.types.arrays import SpatialMap
from tests.registration.deformed import deformed, template_at


@pytest.fixture(scope="module")
def brain() -> SpatialMap:
    return deformed(template_at(2)).participant


def test_there_are_24_rotations_and_no_mirror_image() -> None:
    found = rotations()
    assert len({rotation.tobytes() for rotation in found}) == 24
    assert all(np.linalg.det(rotation) == pytest.approx(1) for rotation in found)


@pytest.mark.slow
@pytest.mark.parametrize("number", [3, 8])
def test_a_turned_head_is_recognised(brain: SpatialMap, number: int) -> None:
    rotation = rotations()[number]
    wrong = np.eye(4)
    wrong[:3, :3] = rotation.T
    found = turn_of(SpatialMap(brain.values, wrong @ brain.affine), template_at(2))
    assert found is not None
    np.testing.assert_array_equal(found.rotation, rotation)
    assert found.correlation > found.as_said + 0.3


@pytest.mark.slow
def test_a_head_that_lies_as_its_header_says_is_let_be(brain: SpatialMap) -> None:
    tilt = np.eye(4)
    c, s = np.cos(0.35), np.sin(0.35)
    tilt[1:3, 1:3] = [[c, -s], [s, c]]
    assert (
        turn_of(SpatialMap(brain.values, tilt @ brain.affine), template_at(2)) is None
    )


@pytest.mark.slow
def test_another_contrast_is_no_turn(brain: SpatialMap) -> None:
    inverted = np.where(brain.values > 0.05, 1.2 - brain.values, 0)
    assert turn_of(SpatialMap(inverted, brain.affine), template_at(2)) is None


@pytest.mark.parametrize(
    ("rotation", "words"),
    [
        (np.diag([1.0, -1, -1]), "right, back and bottom (half a turn about the left"),
        (np.diag([-1.0, -1, 1]), "left, back and top (half a turn about the bottom-"),
        (np.eye(3)[[0, 2, 1]] * [1, 1, -1], "right, top and back (a quarter turn ab"),
        (np.eye(3)[[1, 2, 0]], "top, right and front (axes are exchanged)"),
    ],
)
def test_a_turn_is_said_by_the_ends_of_the_head(rotation, words) -> None:
    turn = Turn(rotation, 0.8, 0.2)
    assert words in turn.sentence
    assert not turn.is_none
    assert Turn(np.eye(3), 1.0).is_none
