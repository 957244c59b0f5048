"""The benchmark's truth is true: exact in its regions, without a fold, well carried."""

from functools import lru_cache

import numpy as np
import pytest
from benchmarks.known_truth.anatomies import ANATOMY, Anatomy, Truth, true_map
from benchmarks.known_truth.jobs import Selection, jobs_of, template_of
from benchmarks.known_truth.scores import (
    Found,
    carry,
    read_registration,
    score_exactly,
    volumes,
)
from benchmarks.known_truth.templates import ScoredTemplate

from crosswarp.registration.jacobian import jacobian_determinant
from crosswarp.registration.resampling import grid_points
from crosswarp.simulation.anatomy import anatomy_lattice, random_velocity
from crosswarp.simulation.atrophy import AtrophyModel
from crosswarp.simulation.dataset import truth_folder
from crosswarp.simulation.fields import exponential
from crosswarp.simulation.heads import Head, load_head
from crosswarp.simulation.participant import Deformation
from crosswarp.simulation.regions import region_ids
from tests.sharing import ready_head

pytestmark = pytest.mark.slow

POSE = np.diag([0.95, 0.95, 0.95, 1.0])
POSE[:3, 3] = (3, -2, 4)


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Head:
    root = ready_head(tmp_path_factory, "mni2009c")
    return load_head("mni2009c", truth_folder(root), step=2)


@pytest.fixture(scope="module")
def deformation(head: Head) -> Deformation:
    """Random anatomy, and hippocampi that lose 30 %."""
    model = AtrophyModel(head, region_ids(("hippocampus",)))
    atrophy = model.solve(dict.fromkeys(model.regions, 0.7)).pull_back
    lattice = anatomy_lattice(head.t1w)
    velocity = random_velocity(lattice, ANATOMY, np.random.default_rng(5))
    return Deformation(np.linalg.inv(POSE), exponential(velocity.scaled(-1.0)), atrophy)


@pytest.fixture(scope="module")
def atrophy_alone(head: Head, deformation: Deformation) -> Truth:
    still = deformation.anatomy.scaled(0.0)
    return true_map(head, Deformation(np.eye(4), still, deformation.atrophy), np.eye(4))


@pytest.fixture(scope="module")
def truth(head: Head, deformation: Deformation) -> Truth:
    return true_map(head, deformation, POSE)


@pytest.fixture(scope="module")
def template(head: Head) -> ScoredTemplate:
    hippocampus = np.isin(head.labels, list(region_ids(("hippocampus",)).values()))
    return ScoredTemplate(
        "mni2009c", head.t1w, head.brain, {"hippocampus": hippocampus}, head.t1w
    )


def known_everywhere(truth: Truth, affine: np.ndarray, extent: tuple) -> Found:
    """The truth, as a registration would say it."""
    positions = grid_points(extent, affine).astype(np.float32)
    places = np.stack([m.values for m in truth.positions], axis=-1)
    positions[::2, ::2, ::2] = np.where(
        np.isfinite(places), places, positions[::2, ::2, ::2]
    )
    return Found(np.nan_to_num(truth.log_jacobian.values), positions, 0)


def test_the_loss_is_exact_in_each_region(head: Head, atrophy_alone: Truth) -> None:
    ratio = np.exp(atrophy_alone.log_jacobian.values)
    for label in region_ids(("hippocampus",)).values():
        assert ratio[head.labels == label].mean() == pytest.approx(0.7, rel=0.01)


def test_neighbours_move_smoothly_and_nothing_folds(
    head: Head, atrophy_alone: Truth
) -> None:
    inside = atrophy_alone.log_jacobian.values[head.brain]
    assert np.isfinite(inside).all()
    assert 0.3 < np.exp(inside).min() < np.exp(inside).max() < 1.7


def test_the_truth_is_the_determinant_of_the_positions(
    truth: Truth, head: Head
) -> None:
    grid = truth.positions[0]
    moved = np.stack([m.values for m in truth.positions], axis=-1)
    displacement = moved - grid_points(grid.extent, grid.affine).astype(np.float32)
    determinant = jacobian_determinant(displacement, grid.affine)
    # Differences over 8 mm blur the regions' edges, so the middle of the spread counts.
    inside = head.brain[::2, ::2, ::2] & np.isfinite(determinant)
    miss = (
        np.log(determinant[inside]) - truth.log_jacobian.values[::2, ::2, ::2][inside]
    )
    assert abs(np.median(miss)) < 0.005
    assert np.percentile(np.abs(miss), 75) < 0.03


def test_size_is_part_of_the_truth(truth: Truth, head: Head) -> None:
    mean = truth.log_jacobian.values[head.brain].mean()
    assert mean == pytest.approx(3 * np.log(0.95), abs=0.05)


def test_the_truth_itself_scores_perfectly(
    truth: Truth, template: ScoredTemplate
) -> None:
    found = known_everywhere(truth, template.brain.affine, template.brain.extent)
    perfect = score_exactly(found, truth, template)
    assert perfect.correlation == pytest.approx(1)
    assert perfect.slope == pytest.approx(1)
    assert perfect.rmse == pytest.approx(0, abs=1e-6)
    assert perfect.target_error == pytest.approx(0, abs=1e-4)


def test_half_of_the_truth_has_half_the_slope(
    truth: Truth, template: ScoredTemplate
) -> None:
    found = known_everywhere(truth, template.brain.affine, template.brain.extent)
    damped = Found(found.log_ratio / 2, found.positions, 0)
    assert score_exactly(damped, truth, template).slope == pytest.approx(0.5)


def test_an_affine_alone_has_its_volume_everywhere(template: ScoredTemplate) -> None:
    still = np.zeros((*template.brain.extent, 3), dtype=np.float32)
    found = read_registration(POSE, still, template)
    assert found.folded == 0
    np.testing.assert_allclose(found.log_ratio, 3 * np.log(0.95), rtol=1e-5)
    region = template.regions["hippocampus"].sum()
    got = volumes(found.log_ratio, template)["hippocampus"]
    assert got == pytest.approx(0.95**3 * region, rel=1e-5)


def test_the_truth_is_carried_through_the_unwarped_head(
    truth: Truth, template: ScoredTemplate
) -> None:
    """Another pose of the unwarped head, registered without error, changes nothing."""
    still = np.zeros((*template.brain.extent, 3), dtype=np.float32)
    pose = np.eye(4)
    pose[:3, 3] = (7, 1, -3)
    unwarped = read_registration(pose, still, template)
    carried = carry(
        unwarped, Truth(truth.log_jacobian, truth.positions, pose), truth, template
    )
    expected = truth.log_jacobian.values[carried.inside]
    assert carried.inside.sum() == template.mask.sum()
    np.testing.assert_allclose(carried.true, expected, atol=1e-4)
    change = np.zeros(template.brain.extent, dtype=np.float32)
    change[carried.inside] = carried.true
    found = Found(unwarped.log_ratio + change, unwarped.positions, 0)
    assert carried.score(found, unwarped).correlation == pytest.approx(1)


def test_nothing_is_tuned_on_what_is_reported() -> None:
    chosen, reported = (
        {who for members in Selection(held_out).anatomies().values() for who in members}
        for held_out in (False, True)
    )
    assert not {(a.head, a.seed) for a in chosen} & {(a.head, a.seed) for a in reported}


@lru_cache
def jobs() -> list:
    return jobs_of("greedy", Selection())


def test_each_scan_between_people_has_its_unwarped_head() -> None:
    who = {(job.template, job.anatomy) for job in jobs()}
    for kind in Selection().anatomies():
        if kind.startswith("between"):
            member = Selection().anatomies()[kind][0]
            assert (template_of(kind), member.unwarped) in who
            assert member.head != template_of(kind)


def test_one_registration_is_done_twice() -> None:
    assert sum(job.attempt == 2 for job in jobs()) == 1
    assert len({job.name for job in jobs()}) == len(jobs())
    assert Anatomy("mni2009c", 11, 5).healthy == Anatomy("mni2009c", 11, 0)
