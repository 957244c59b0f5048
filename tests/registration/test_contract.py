"""What every registration back end must do: on a real head, at 2 and 3 mm."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pytest
from scipy import ndimage

from crosswarp.errors import FoldingError, MissingPackageError, ScanError
from crosswarp.registration.backend import RegistrationBackend
from crosswarp.registration.build import (
    REGISTRATIONS,
    build_backend,
    register,
)
from crosswarp.registration.jacobian import jacobian_determinant, log_jacobian
from crosswarp.registration.resampling import grid_points, resample
from crosswarp.registration.result import Registration
from crosswarp.registration.settings import (
    AntsSettings,
    GreedySettings,
    MapSettings,
    RegistrationSettings,
    TorchSettings,
    TwoStageSettings,
)
from crosswarp.types.arrays import SpatialMap
from tests.registration.deformed import (
    HIPPOCAMPI,
    VENTRICLES,
    Deformed,
    deformed,
    flipped,
    moved,
    near,
    template_at,
    turned,
)

pytestmark = [pytest.mark.slow, pytest.mark.registration]


@dataclass(frozen=True)
class Case:
    """A back end and what is asked of it.

    Attributes:
        usual: Settings that find a deformation at 2 mm.
        quick: Settings for what needs no exact deformation, at 3 mm.
        recovered: Least correlation of the log-Jacobian with the truth.
        package: That it needs, as it is imported.
    """

    usual: RegistrationSettings
    quick: RegistrationSettings
    recovered: float
    package: str


CASES = {
    "greedy": Case(
        GreedySettings(),
        GreedySettings(deformable_iterations=(20, 4)),
        recovered=0.75,
        package="picsl_greedy",
    ),
    "ants": Case(
        AntsSettings(resolution=2),
        AntsSettings(iterations=(10, 5, 0)),
        recovered=0.8,
        package="ants",
    ),
    "torch": Case(
        TorchSettings(device="cpu"),
        TorchSettings(device="cpu", deformable_iterations=(20, 3)),
        recovered=0.85,
        package="torch",
    ),
    "two_stage": Case(
        TwoStageSettings(device="cpu"),
        TwoStageSettings(
            device="cpu",
            participant_resolution=2,
            first_iterations=(15, 8),
            second_iterations=(10, 2),
        ),
        recovered=0.75,
        package="torch",
    ),
    "map": Case(
        MapSettings(device="cpu"),
        MapSettings(
            device="cpu", participant_resolution=2, deformable_iterations=(20, 15, 2)
        ),
        recovered=0.85,
        package="torch",
    ),
}


@pytest.fixture(scope="module", params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture(scope="module")
def template() -> SpatialMap:
    return template_at(3)


@pytest.fixture(scope="module")
def brain(template: SpatialMap) -> np.ndarray:
    return inside(template)


def inside(template: SpatialMap) -> np.ndarray:
    """The brain without its rim, where voxels are mixed with nothing."""
    return ndimage.binary_erosion(template.values > 0.2)


@pytest.fixture(scope="module")
def known(template: SpatialMap) -> Deformed:
    return deformed(template)


@pytest.fixture(scope="module")
def quickly(
    case: Case, template: SpatialMap, known: Deformed
) -> Callable[[], Registration]:
    """The known participant, registered quickly, once."""
    return lru_cache(lambda: register(template, known.participant, case.quick))


@pytest.fixture(scope="module")
def finer() -> SpatialMap:
    return template_at(2)


@pytest.fixture(scope="module")
def truth(finer: SpatialMap) -> Deformed:
    return deformed(finer)


@pytest.fixture(scope="module")
def found(case: Case, finer: SpatialMap, truth: Deformed) -> Registration:
    """The known participant at 2 mm, registered as a scan would be."""
    return register(finer, truth.participant, case.usual)


def points_of(brain: np.ndarray, template: SpatialMap) -> np.ndarray:
    return grid_points(template.extent, template.affine)[brain]


def placed(found: Registration, points: np.ndarray) -> np.ndarray:
    return points @ found.affine[:3, :3].T + found.affine[:3, 3]


def test_every_back_end_is_under_contract() -> None:
    assert set(CASES) == set(REGISTRATIONS)


def test_it_keeps_the_protocol(case: Case) -> None:
    assert isinstance(build_backend(case.quick), RegistrationBackend)


def test_the_displacement_lies_on_the_templates_grid(
    found: Registration, finer: SpatialMap
) -> None:
    assert found.displacement.shape == (*finer.extent, 3)
    assert found.displacement.dtype == np.float32
    assert found.affine.shape == (4, 4)
    assert found.affine.dtype == np.float64
    assert found.affine[3].tolist() == [0, 0, 0, 1]


def test_a_template_is_its_own_place(
    case: Case, template: SpatialMap, brain: np.ndarray
) -> None:
    found = register(template, template, case.quick)
    points = points_of(brain, template)
    assert np.linalg.norm(placed(found, points) - points, axis=-1).max() < 0.6
    assert np.linalg.norm(found.displacement[brain], axis=-1).mean() < 0.4
    log_j = log_jacobian(found.displacement, template.affine, brain)
    assert np.abs(log_j[brain]).mean() < 0.025


def test_size_and_pose_are_all_in_the_affine(
    case: Case, template: SpatialMap, brain: np.ndarray
) -> None:
    pose = np.diag([1.1, 1.1, 1.1, 1.0]) @ turned(8)
    pose[:3, 3] = (6, -5, 4)
    found = register(template, moved(template, pose), case.quick)
    points = points_of(brain, template)
    expected = points @ pose[:3, :3].T + pose[:3, 3]
    assert np.linalg.norm(placed(found, points) - expected, axis=-1).mean() < 0.5
    assert np.linalg.det(found.affine[:3, :3]) == pytest.approx(1.1**3, rel=0.02)
    log_j = log_jacobian(found.displacement, template.affine, brain)
    assert abs(log_j[brain].mean()) < 0.01
    assert log_j[brain].std() < 0.05


def test_a_known_deformation_is_recovered(
    case: Case, found: Registration, finer: SpatialMap, truth: Deformed
) -> None:
    brain = inside(finer)
    log_j = log_jacobian(found.displacement, finer.affine, brain)
    r = np.corrcoef(log_j[brain], truth.log_jacobian[brain])[0, 1]
    assert r > case.recovered


@pytest.mark.parametrize(
    ("centres", "sign"), [(VENTRICLES, 1), (HIPPOCAMPI, -1)], ids=["larger", "smaller"]
)
def test_growth_is_positive_and_loss_negative(
    found: Registration, finer: SpatialMap, truth: Deformed, centres: tuple, sign: int
) -> None:
    log_j = log_jacobian(found.displacement, finer.affine, inside(finer))
    region = near(finer, centres, 7)
    true = sign * truth.log_jacobian[region].mean()
    assert 0.5 * true < sign * log_j[region].mean() < 1.2 * true


def test_nothing_folds(found: Registration, finer: SpatialMap) -> None:
    assert jacobian_determinant(found.displacement, finer.affine).min() > 0.2


def test_the_map_brings_the_participant_onto_the_template(
    found: Registration, finer: SpatialMap, truth: Deformed
) -> None:
    place = (finer.extent, finer.affine, found.affine)
    images = (
        resample(truth.participant, *place),
        resample(truth.participant, *place, displacement=found.displacement),
    )
    brain = inside(finer)
    before, after = (np.abs(m - finer.values)[brain].mean() for m in images)
    assert after < 0.75 * before


def test_twice_gives_the_same_bytes(
    case: Case,
    template: SpatialMap,
    known: Deformed,
    quickly: Callable[[], Registration],
) -> None:
    again = register(template, known.participant, case.quick)
    assert again.affine.tobytes() == quickly().affine.tobytes()
    assert again.displacement.tobytes() == quickly().displacement.tobytes()


def oblique(source: SpatialMap) -> SpatialMap:
    """The same head at the same place, sampled along turned axes."""
    affine = turned(12) @ turned(-8, about=0) @ source.affine
    return SpatialMap(resample(source, source.extent, affine, order=3), affine)


@pytest.mark.parametrize(
    "stored", [lambda s: flipped(s, (0, 1)), oblique], ids=["LPS", "oblique"]
)
def test_how_the_participant_is_stored_does_not_matter(
    case: Case,
    template: SpatialMap,
    known: Deformed,
    brain: np.ndarray,
    quickly: Callable[[], Registration],
    stored: Callable[[SpatialMap], SpatialMap],
) -> None:
    other = register(template, stored(known.participant), case.quick)
    check_alike(other, quickly(), template, brain)


def test_a_turned_head_gives_the_same_map(
    case: Case,
    template: SpatialMap,
    known: Deformed,
    brain: np.ndarray,
    quickly: Callable[[], Registration],
) -> None:
    pose = turned(10, about=0) @ turned(10)
    pose[:3, 3] = (4, 9, -6)
    other = register(template, moved(known.participant, pose), case.quick)
    straight = Registration(np.linalg.inv(pose) @ other.affine, other.displacement)
    check_alike(straight, quickly(), template, brain)


def test_how_the_template_is_stored_does_not_matter(
    case: Case,
    template: SpatialMap,
    known: Deformed,
    brain: np.ndarray,
    quickly: Callable[[], Registration],
) -> None:
    other = register(flipped(template, (0, 1)), known.participant, case.quick)
    displacement = np.flip(other.displacement, (0, 1))
    check_alike(Registration(other.affine, displacement), quickly(), template, brain)


def check_alike(
    one: Registration, other: Registration, template: SpatialMap, brain: np.ndarray
) -> None:
    """Two registrations agree to a fraction of a voxel, and so do their maps."""
    points = points_of(brain, template)
    a, b = (placed(found, points + found.displacement[brain]) for found in (one, other))
    assert np.linalg.norm(a - b, axis=-1).mean() < 0.6
    maps = [
        log_jacobian(found.displacement, template.affine, brain)[brain]
        for found in (one, other)
    ]
    assert np.corrcoef(*maps)[0, 1] > 0.93


@pytest.mark.parametrize(
    ("value", "reason"), [(0, "is empty"), (1, "wherever it is above 0")]
)
@pytest.mark.parametrize("role", ["template", "participant"])
def test_an_image_of_nothing_is_refused(
    case: Case, template: SpatialMap, role: str, value: float, reason: str
) -> None:
    flat = SpatialMap(np.full_like(template.values, value), template.affine)
    both = {"template": template, "participant": template, role: flat}
    with pytest.raises(
        ScanError, match=f"the {role} {reason}|the {role} is 1 {reason}"
    ):
        register(both["template"], both["participant"], case.quick)


def test_a_voxel_that_is_not_a_number_is_refused(
    case: Case, template: SpatialMap
) -> None:
    values = template.values.copy()
    values[30, 30, 30] = np.nan
    with pytest.raises(ScanError, match="participant has voxels that are not finite"):
        register(template, SpatialMap(values, template.affine), case.quick)


def test_a_missing_package_is_named_with_its_extra(
    case: Case, template: SpatialMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, case.package, None)
    # Where another test has loaded it, it is to be loaded again.
    for name in [m for m in sys.modules if ".registration.torch_" in m]:
        monkeypatch.delitem(sys.modules, name)
    extra = "greedy" if case.package == "picsl_greedy" else "preprocess"
    with pytest.raises(
        MissingPackageError, match=rf"pip install 'crosswarp\[{extra}\]'$"
    ):
        register(template, template, case.quick)


def test_a_fold_is_refused_with_its_count() -> None:
    """The one check for all back ends: a real, too free registration folds."""
    template = template_at(4)
    participant = deformed(template).participant
    free = GreedySettings(deformable_iterations=(60, 60), smoothing=(0.6, 0.0))
    found = register(template, participant, free)
    with pytest.raises(FoldingError, match="the deformation folds in"):
        log_jacobian(found.displacement, template.affine)
