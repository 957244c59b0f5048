"""What no back end may be given, and what none may give."""

import numpy as np
import pytest

from crosswarp.errors import ScanError, ShapeError
from crosswarp.registration.checks import check_image, check_result
from crosswarp.registration.result import Registration
from crosswarp.types.arrays import SpatialMap

EXTENT = (7, 8, 9)
MIRROR = np.diag([-1.0, 1, 1, 1])
NOWHERE = np.full((4, 4), np.nan)


@pytest.fixture
def brain(rng: np.random.Generator) -> SpatialMap:
    return SpatialMap(rng.random(EXTENT).astype(np.float32), np.eye(4))


def still() -> np.ndarray:
    return np.zeros((*EXTENT, 3), np.float32)


def test_a_good_image_and_a_good_result_pass(brain: SpatialMap) -> None:
    check_image("template", brain)
    check_result(Registration(np.eye(4), still()), brain)


@pytest.mark.parametrize("affine", [MIRROR, NOWHERE], ids=["mirror", "nan"])
def test_an_impossible_affine_is_refused(brain: SpatialMap, affine: np.ndarray) -> None:
    with pytest.raises(ScanError, match="the affine registration failed; it gave"):
        check_result(Registration(affine, still()), brain)


def test_a_displacement_that_is_not_finite_is_refused(brain: SpatialMap) -> None:
    displacement = still()
    displacement[3, 3, 3, 1] = np.inf
    with pytest.raises(ScanError, match="its displacement is not finite"):
        check_result(Registration(np.eye(4), displacement), brain)


def test_another_grid_is_refused(brain: SpatialMap) -> None:
    with pytest.raises(ShapeError, match=r"expected \(7, 8, 9, 3\)"):
        check_result(Registration(np.eye(4), still()[:-1]), brain)


def test_a_mask_is_no_image(brain: SpatialMap) -> None:
    mask = SpatialMap((brain.values > 0.5).astype(np.float32), brain.affine)
    with pytest.raises(ScanError, match="the participant is 1 wherever it is above 0"):
        check_image("participant", mask)
