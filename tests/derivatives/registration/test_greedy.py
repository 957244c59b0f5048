"""greedy: the sign, the size and the sameness of what it finds on a real head."""

import numpy as np
import pytest

from crosswarp.derivatives.jacobian import log_jacobian
from crosswarp.derivatives.registration import Registration, register
from crosswarp.derivatives.resampling import grid_points, resample
from crosswarp.derivatives.settings import GreedySettings
from crosswarp.derivatives.template import Template, coarsen, load_template
from crosswarp.errors import ScanError
from crosswarp.types.arrays import SpatialMap
from tests.heads import with_growth

pytestmark = [pytest.mark.slow, pytest.mark.registration]

VENTRICLES = (0.0, -12.0, 14.0)
QUICK = GreedySettings(affine_iterations=(20,), deformable_iterations=(20,))


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template(2)


@pytest.fixture(scope="module")
def coarse(template: Template) -> SpatialMap:
    """The template's brain at 4 mm: a real head that registers in a second."""
    return coarsen(template.brain)


@pytest.fixture(scope="module")
def participant(template: Template) -> SpatialMap:
    """The template's brain with larger ventricles."""
    return with_growth(template.brain, VENTRICLES, growth=0.15, width=15)


@pytest.fixture(scope="module")
def found(template: Template, participant: SpatialMap) -> Registration:
    return register(template.brain, participant)


def from_ventricles(template: Template) -> np.ndarray:
    """Millimetres from the middle of the lateral ventricles."""
    points = grid_points(template.brain.extent, template.brain.affine)
    return np.linalg.norm(points - np.array(VENTRICLES), axis=-1)


def test_larger_ventricles_are_positive(
    template: Template, found: Registration
) -> None:
    brain = template.brain
    log_j = log_jacobian(found.displacement, brain.affine, template.mask)
    distance = from_ventricles(template)
    # The map contracts by 0.85 at the centre, so the truth there is 3 ln(1/0.85).
    assert 0.2 < log_j[distance < 8].mean() < 3 * np.log(1 / 0.85) * 1.3
    assert abs(log_j[(distance > 45) & template.mask].mean()) < 0.05


def test_the_affine_takes_out_size_and_pose(coarse: SpatialMap) -> None:
    turn = np.deg2rad(8)
    pose = np.eye(4)
    pose[:3, :3] = 1.1 * np.array(
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    )
    pose[:3, 3] = (6, -5, 4)
    moved = SpatialMap(coarse.values, pose @ coarse.affine)
    found = register(coarse, moved, QUICK)
    corners = grid_points(coarse.extent, coarse.affine)[coarse.values > 0]
    expected = corners @ pose[:3, :3].T + pose[:3, 3]
    got = corners @ found.affine[:3, :3].T + found.affine[:3, 3]
    assert np.linalg.norm(got - expected, axis=-1).mean() < 0.5
    assert np.abs(found.displacement[coarse.values > 0]).mean() < 0.5


@pytest.mark.parametrize("flip", [(-1, 1, 1), (-1, -1, 1)], ids=["LAS", "LPS"])
def test_the_grids_directions_do_not_matter(
    coarse: SpatialMap, flip: tuple[int, int, int]
) -> None:
    participant = with_growth(coarse, VENTRICLES, growth=0.15, width=20)
    stored = flipped(participant, flip)
    straight = register(coarse, participant, QUICK)
    turned = register(coarse, stored, QUICK)
    np.testing.assert_allclose(turned.affine, straight.affine, atol=0.02)
    difference = np.abs(turned.displacement - straight.displacement)
    assert difference[coarse.values > 0].mean() < 0.2


def flipped(source: SpatialMap, flip: tuple[int, int, int]) -> SpatialMap:
    """Store the same head with some axes reversed."""
    values, affine = source.values, source.affine.copy()
    for axis in np.flatnonzero(np.array(flip) < 0):
        values = np.flip(values, axis)
        affine[:3, 3] += affine[:3, axis] * (source.extent[axis] - 1)
        affine[:3, axis] *= -1
    return SpatialMap(np.ascontiguousarray(values), affine)


def test_the_warp_brings_the_participant_onto_the_template(
    template: Template, participant: SpatialMap, found: Registration
) -> None:
    warped = resample(
        participant,
        template.brain.extent,
        template.brain.affine,
        to_source=found.affine,
        displacement=found.displacement,
    )
    near = from_ventricles(template) < 20
    before = np.abs(participant.values - template.brain.values)[near].mean()
    after = np.abs(warped - template.brain.values)[near].mean()
    assert after < 0.8 * before


def test_the_displacement_is_not_rounded(found: Registration) -> None:
    steps = found.displacement / 0.2  # greedy rounds to a tenth of a voxel unasked
    assert np.abs(steps - np.round(steps)).max() > 0.1


def test_twice_gives_the_same_bytes(coarse: SpatialMap) -> None:
    participant = with_growth(coarse, VENTRICLES, growth=0.2, width=20)
    one, other = (register(coarse, participant, QUICK) for _ in range(2))
    assert one.affine.tobytes() == other.affine.tobytes()
    assert one.displacement.tobytes() == other.displacement.tobytes()


def test_an_empty_template_is_refused(coarse: SpatialMap) -> None:
    empty = SpatialMap(np.zeros_like(coarse.values), coarse.affine)
    with pytest.raises(ScanError, match="template is empty"):
        register(empty, coarse, QUICK)


def test_an_empty_participant_is_refused(coarse: SpatialMap) -> None:
    empty = SpatialMap(np.zeros_like(coarse.values), coarse.affine)
    with pytest.raises(ScanError, match="registration failed"):
        register(coarse, empty, QUICK)
