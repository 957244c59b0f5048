"""Atrophy changes each region's volume by what was asked for, and folds nothing."""

import numpy as np
import pytest
from scipy import ndimage

from crosswarp.errors import InputError
from crosswarp.simulation.atrophy import (
    Atrophy,
    AtrophyModel,
    potential_gradient,
)
from crosswarp.simulation.fields import exponential
from crosswarp.simulation.heads import Head
from crosswarp.simulation.presets import preset_settings
from crosswarp.simulation.regions import region_ids

DEFAULT_PATTERN = preset_settings("easy", participants=1).atrophy.pattern

WANTED = {
    "hippocampus_left": 0.7,
    "hippocampus_right": 0.8,
    "amygdala_left": 0.75,
    "amygdala_right": 1.0,
    "lateral_ventricle_left": 1.6,
    "lateral_ventricle_right": 1.4,
}


@pytest.fixture(scope="module")
def model(head: Head) -> AtrophyModel:
    structures = ("hippocampus", "amygdala", "lateral_ventricle")
    return AtrophyModel(head, region_ids(structures))


@pytest.fixture(scope="module")
def solved(model: AtrophyModel) -> Atrophy:
    return model.solve(WANTED)


def test_a_cosine_has_its_own_gradient() -> None:
    n, spacing = 32, 2.0
    wave = 2 * np.pi / (n * spacing)
    x = (np.arange(n) + 0.5) * spacing
    divergence = np.broadcast_to(np.cos(wave * x)[:, None, None], (n, 20, 22))
    gradient = potential_gradient(divergence.astype(np.float32), spacing)
    # laplace(phi) = cos(w x) has phi' = sin(w x) / w.
    expected = np.sin(wave * x)[:, None, None] / wave
    np.testing.assert_allclose(
        gradient[0], np.broadcast_to(expected, (n, 20, 22)), atol=1e-3
    )
    np.testing.assert_allclose(gradient[1:], 0, atol=1e-4)


def test_the_gradient_has_the_wanted_divergence() -> None:
    rng = np.random.default_rng(0)
    wanted = ndimage.gaussian_filter(rng.standard_normal((40, 44, 36)), 4)
    wanted -= wanted.mean()
    gradient = potential_gradient(wanted.astype(np.float32), 2.0)
    found = sum(np.gradient(gradient[axis], 2.0, axis=axis) for axis in range(3))
    inner = (slice(2, -2),) * 3
    error = np.abs(found - wanted)[inner].max()
    assert error < 0.05 * np.abs(wanted).max()


def test_every_region_has_its_ratio(model: AtrophyModel, solved: Atrophy) -> None:
    found = model.ratios([solved.pull_back])
    for region, ratio in WANTED.items():
        assert found[region] == pytest.approx(ratio, rel=0.01), region


def test_so_many_voxels_are_in_the_regions(head: Head, solved: Atrophy) -> None:
    """The pull-back makes images, so labels that it pulls must count the same."""
    labels = head.labels
    voxels = np.argwhere(labels >= 0).astype(np.float32)
    origin = head.t1w.affine[:3, 3].astype(np.float32)
    places = solved.pull_back.move(voxels + origin) - origin
    pulled = ndimage.map_coordinates(labels, places.T, order=0)
    for region, label in region_ids(("hippocampus", "lateral_ventricle")).items():
        counted = (pulled == label).sum() / (labels == label).sum()
        assert counted == pytest.approx(WANTED[region], rel=0.03), region


def test_nothing_folds(model: AtrophyModel, solved: Atrophy) -> None:
    everywhere = model.lattice.points()
    assert solved.pull_back.determinant(everywhere, 2.0).min() > 0.1


def test_the_head_keeps_its_outline(head: Head, solved: Atrophy) -> None:
    distance = ndimage.distance_transform_edt(~head.brain)
    skin = np.argwhere((distance > 14) & (distance < 30))[::50].astype(np.float32)
    places = skin + head.t1w.affine[:3, 3].astype(np.float32)
    inside = np.argwhere(head.labels == 48).astype(np.float32)
    moving = inside + head.t1w.affine[:3, 3].astype(np.float32)
    assert np.abs(solved.pull_back.at(places)).max() < 0.02
    assert np.abs(solved.pull_back.at(moving)).max() > 0.5


def test_the_velocity_moves_forwards(model: AtrophyModel, solved: Atrophy) -> None:
    """Along ``v`` the hippocampus shrinks and the ventricle grows: the sign."""
    forward = exponential(solved.velocity)
    for region in ("hippocampus_left", "lateral_ventricle_left"):
        ratio = forward.determinant(model.points[region]).mean()
        assert ratio == pytest.approx(WANTED[region], rel=0.05)


def test_no_change_moves_nothing(model: AtrophyModel) -> None:
    still = model.solve(dict.fromkeys(WANTED, 1.0))
    assert not still.pull_back.vectors.any()


def test_volumes_are_those_of_the_labels(model: AtrophyModel) -> None:
    assert model.volumes["hippocampus_left"] == pytest.approx(4694)
    assert model.volumes["lateral_ventricle_right"] == pytest.approx(9570)


def test_a_region_that_is_not_there_is_named(head: Head) -> None:
    with pytest.raises(InputError, match=r"mni2009c has no voxel of nowhere"):
        AtrophyModel(head, {"nowhere": 999})


def test_what_cannot_be_reached_is_refused(model: AtrophyModel) -> None:
    with pytest.raises(InputError, match="ask for a milder change"):
        model.solve(WANTED | {"amygdala_left": 0.001})


def test_too_few_rounds_are_said(
    model: AtrophyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crosswarp.simulation.atrophy.MOST_ROUNDS", 1)
    with pytest.raises(InputError, match=r"cannot change \w+ by .* \(reached 1\.\d+\)"):
        model.solve(WANTED)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tissue", "ventricle"), [(0.55, 2.5), (0.55, 0.55), (1.3, 2.5)]
)
def test_the_limits_of_the_settings_can_be_reached(
    head: Head, tissue: float, ventricle: float
) -> None:
    ids = region_ids(tuple(DEFAULT_PATTERN))
    wanted = {name: ventricle if "ventricle" in name else tissue for name in ids}
    model = AtrophyModel(head, ids)
    found = model.ratios([model.solve(wanted).pull_back])
    for region, ratio in wanted.items():
        assert found[region] == pytest.approx(ratio, rel=0.01), region
