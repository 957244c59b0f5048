"""One participant: drawn from its number, made from a real head, known in truth."""

from collections import Counter

import numpy as np
import pytest

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.simulation.acquisition import scanner_lattice
from crosswarp.simulation.drawing import draw_participant
from crosswarp.simulation.fields import Field, Lattice
from crosswarp.simulation.heads import Head
from crosswarp.simulation.participant import Deformation, make_scan, pull
from crosswarp.simulation.presets import preset_settings
from crosswarp.simulation.settings import (
    AcquisitionSettings,
    AnatomySettings,
    SimulationSettings,
)

STILL = Lattice((8, 8, 8), (-35.0, -35.0, -35.0), 10.0)


def still() -> Field:
    return Field(STILL, np.zeros((8, 8, 8, 3), dtype=np.float32))


def test_every_diagnosis_gets_every_head_equally_often() -> None:
    settings = preset_settings("easy", participants=36, classes=tuple(Diagnosis))
    people = [draw_participant(number, settings) for number in range(1, 37)]
    pairs = Counter((person.diagnosis, person.head) for person in people)
    assert set(pairs.values()) == {6}
    assert len(pairs) == 6


def test_who_it_is_does_not_depend_on_the_others() -> None:
    few = preset_settings("easy", participants=3, seed=8)
    many = preset_settings("easy", participants=300, seed=8)
    assert draw_participant(3, few) == draw_participant(3, many)
    assert draw_participant(3, few) != draw_participant(4, few)
    other = preset_settings("easy", participants=3, seed=9)
    assert draw_participant(3, few).ratios != draw_participant(3, other).ratios


@pytest.fixture(scope="module")
def ratios() -> dict[str, dict[str, np.ndarray]]:
    """Ratios of 200 participants of each diagnosis, under each preset."""
    drawn: dict[str, dict[str, np.ndarray]] = {}
    for preset in ("easy", "null"):
        settings = preset_settings(preset, participants=600, classes=tuple(Diagnosis))
        people = [draw_participant(n, settings) for n in range(1, 601)]
        drawn[preset] = {
            f"{diagnosis} {region}": np.array(
                [p.ratios[region] for p in people if p.diagnosis == diagnosis]
            )
            for diagnosis in Diagnosis
            for region in ("hippocampus_left", "lateral_ventricle_right")
        }
    return drawn


def test_atrophy_is_graded(ratios: dict[str, dict[str, np.ndarray]]) -> None:
    easy = {name: values.mean() for name, values in ratios["easy"].items()}
    # The mean of a lognormal ratio lies 1 % above that of its logarithm here.
    assert easy["CN hippocampus_left"] == pytest.approx(1, abs=0.04)
    assert easy["MCI hippocampus_left"] == pytest.approx(0.75**0.5, abs=0.04)
    assert easy["AD hippocampus_left"] == pytest.approx(0.75, abs=0.04)
    assert (
        easy["CN lateral_ventricle_right"]
        < easy["MCI lateral_ventricle_right"] - 0.1
        < easy["AD lateral_ventricle_right"] - 0.2
    )


def test_diagnoses_overlap(ratios: dict[str, dict[str, np.ndarray]]) -> None:
    easy = ratios["easy"]
    assert easy["AD hippocampus_left"].max() > easy["CN hippocampus_left"].min()


def test_null_has_no_difference(ratios: dict[str, dict[str, np.ndarray]]) -> None:
    null = ratios["null"]
    for region in ("hippocampus_left", "lateral_ventricle_right"):
        groups = [np.log(null[f"{diagnosis} {region}"]) for diagnosis in Diagnosis]
        error = np.sqrt(2 * groups[0].var() / len(groups[0]))
        means = [group.mean() for group in groups]
        assert max(means) - min(means) < 3.5 * error


def test_ratios_stay_within_their_limits() -> None:
    settings = preset_settings("null", participants=500)
    people = [draw_participant(number, settings) for number in range(1, 501)]
    least, most = settings.atrophy.limits
    drawn = [ratio for person in people for ratio in person.ratios.values()]
    assert min(drawn) == least
    assert max(drawn) <= most


def test_age_and_sex_say_nothing_about_the_diagnosis() -> None:
    settings = preset_settings("easy", participants=400)
    people = [draw_participant(number, settings) for number in range(1, 401)]
    ages = {
        d: np.array([p.age_years for p in people if p.diagnosis == d])
        for d in settings.classes
    }
    error = np.sqrt(sum(a.var() / len(a) for a in ages.values()))
    assert abs(ages[Diagnosis.AD].mean() - ages[Diagnosis.CN].mean()) < 3.5 * error
    women = Counter(p.diagnosis for p in people if p.sex == "F")
    assert abs(women[Diagnosis.AD] - women[Diagnosis.CN]) < 45
    assert {p.site for p in people} == {"site1", "site2"}


def test_without_deformation_the_head_is_itself(head: Head) -> None:
    """On the real head's own voxels a spline passes through their values."""
    grid = Lattice((60, 60, 60), (-30.0, -60.0, -20.0), 1.0)
    found = pull(head.t1w, Deformation(np.eye(4), still(), still()), grid)
    first = np.round(np.array(grid.origin) - head.t1w.affine[:3, 3]).astype(int)
    i, j, k = (slice(s, s + 60) for s in first)
    np.testing.assert_allclose(found, head.t1w.values[i, j, k], atol=2e-4)


def test_outside_the_real_head_there_is_nothing(head: Head) -> None:
    away = np.eye(4)
    away[0, 3] = 500.0
    found = pull(head.t1w, Deformation(away, still(), still()), scanner_lattice(4.0))
    assert not found.any()


def test_anatomy_and_atrophy_are_both_undone(head: Head) -> None:
    """Two displacements of one voxel each way add up, in mm and in RAS+."""
    grid = Lattice((10, 10, 10), (-5.0, -5.0, -5.0), 1.0)
    along_x = np.zeros((8, 8, 8, 3), dtype=np.float32)
    along_x[..., 0] = 2.0
    along_z = np.zeros((8, 8, 8, 3), dtype=np.float32)
    along_z[..., 2] = -3.0
    both = Deformation(np.eye(4), Field(STILL, along_x), Field(STILL, along_z))
    found = pull(head.t1w, both, grid)
    moved = Lattice(grid.extent, (-3.0, -5.0, -8.0), 1.0)
    expected = pull(head.t1w, Deformation(np.eye(4), still(), still()), moved)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.fixture(scope="module")
def plain(small_settings: SimulationSettings) -> SimulationSettings:
    """No anatomy, no pose, a perfect scanner: the disease alone is to be seen."""
    return small_settings.model_copy(
        update={
            "anatomy": AnatomySettings(
                log_jacobian_sd=0, mean_size=0, size_sd=0, stretch_sd=0, male_size=0
            ),
            "acquisition": AcquisitionSettings(
                spacing=2,
                rotation_sd=0,
                translation_sd=0,
                bias_sd=0,
                noise=0,
                gamma_sd=0,
            ),
        }
    )


def test_ventricles_are_larger_in_ad(head: Head, plain: SimulationSettings) -> None:
    def csf(number: int) -> int:
        person = draw_participant(number, plain)
        scan, _ = make_scan(person, head, plain)
        first = np.array([-30.0, -40.0, 0.0]) - scan.affine[:3, 3]
        i, j, k = (
            slice(int(s), int(s + n))
            for s, n in zip(first / 2, (30, 35, 16), strict=True)
        )
        return int((scan.values[i, j, k] < 200).sum())

    assert csf(2) > 1.2 * csf(1)


def test_truth_without_anatomy_is_the_disease(
    head: Head, plain: SimulationSettings
) -> None:
    person = draw_participant(2, plain)
    _, truth = make_scan(person, head, plain)
    assert [region.region for region in truth] == list(person.ratios)
    for region in truth:
        assert region.atrophy_ratio == pytest.approx(
            person.ratios[region.region], rel=0.01
        )
        assert region.true_ratio == pytest.approx(region.atrophy_ratio, rel=1e-3)
        assert region.true_mm3 == pytest.approx(region.base_mm3 * region.true_ratio)


def test_truth_has_size_and_anatomy(
    head: Head, small_settings: SimulationSettings
) -> None:
    person = draw_participant(1, small_settings)
    scan, truth = make_scan(person, head, small_settings)
    assert scan.spacing == (4.0, 4.0, 4.0)
    shares = np.array([r.true_ratio / r.atrophy_ratio for r in truth])
    # Heads are 23 % smaller on average; the random anatomy differs by region.
    assert 0.5 < shares.mean() < 1.1
    assert shares.std() > 0.005
    again, _ = make_scan(person, head, small_settings)
    np.testing.assert_array_equal(again.values, scan.values)


@pytest.mark.slow
@pytest.mark.registration
def test_the_whole_pattern_is_in_the_truth_of_both_heads(
    head: Head, colin: Head
) -> None:
    """All twelve regions at once, at the strength of the preset."""
    settings = preset_settings(
        "easy", participants=4, seed=3, acquisition=AcquisitionSettings(spacing=4.0)
    )
    heads = {base.name: base for base in (head, colin)}
    people = [draw_participant(number, settings) for number in range(1, 5)]
    truths = {}
    for person in people:
        _, truth = make_scan(person, heads[person.head], settings)
        truths[person.head, person.diagnosis] = {t.region: t for t in truth}
        for region in truth:
            wanted = person.ratios[region.region]
            assert region.atrophy_ratio == pytest.approx(wanted, rel=0.01)
    for name in heads:
        well, ill = truths[name, Diagnosis.CN], truths[name, Diagnosis.AD]
        for side in ("left", "right"):
            small, large = f"hippocampus_{side}", f"lateral_ventricle_{side}"
            assert ill[small].true_mm3 < well[small].true_mm3
            assert ill[large].true_mm3 > well[large].true_mm3
