"""Two stages: the prior is the same everywhere, and the second adds to the first."""

import numpy as np
import pytest

from crosswarp.registration.build import register
from crosswarp.registration.jacobian import log_jacobian
from crosswarp.registration.result import Registration
from crosswarp.registration.settings import TwoStageSettings
from crosswarp.types.arrays import SpatialMap
from tests.registration.deformed import Deformed, deformed, template_at

pytestmark = [pytest.mark.slow, pytest.mark.registration]

SETTINGS = TwoStageSettings(
    device="cpu",
    participant_resolution=2,
    affine_iterations=(10, 10),
    second_iterations=(10, 6),
)


@pytest.fixture(scope="module")
def template() -> SpatialMap:
    return template_at(4)


@pytest.fixture(scope="module")
def known(template: SpatialMap) -> Deformed:
    return deformed(template)


@pytest.fixture(scope="module")
def found(template: SpatialMap, known: Deformed) -> Registration:
    return register(template, known.participant, SETTINGS)


def test_no_place_is_favoured(
    template: SpatialMap, known: Deformed, found: Registration
) -> None:
    softness = (template.values > 0.5).astype(np.float32)
    again = register(template, known.participant, SETTINGS, softness)
    assert again.displacement.tobytes() == found.displacement.tobytes()


def test_the_second_stage_finds_more_than_the_first(
    template: SpatialMap, known: Deformed, found: Registration
) -> None:
    stiff = SETTINGS.model_copy(
        update={"stiffness": (0.0005, 1e6), "second_iterations": (1,)}
    )
    first = register(template, known.participant, stiff)
    brain = template.values > 0.2
    less, more = (
        np.polyfit(
            known.log_jacobian[brain],
            log_jacobian(each.displacement, template.affine)[brain],
            1,
        )[0]
        for each in (first, found)
    )
    assert more > 1.05 * less > 0.1
