"""greedy: what is its own, beyond the contract of all back ends."""

import numpy as np
import pytest

from crosswarp.errors import ScanError
from crosswarp.registration.build import register
from crosswarp.registration.greedy import Greedy
from crosswarp.registration.settings import GreedySettings
from crosswarp.types.arrays import SpatialMap
from tests.registration.deformed import deformed, template_at

pytestmark = [pytest.mark.slow, pytest.mark.registration]


@pytest.fixture(scope="module")
def coarse() -> SpatialMap:
    """The template's brain at 4 mm: a real head that registers in a second."""
    return template_at(4)


def test_the_displacement_is_not_rounded(coarse: SpatialMap) -> None:
    found = register(coarse, deformed(coarse).participant, GreedySettings())
    steps = found.displacement / 0.4  # greedy rounds to a tenth of a voxel unasked
    assert np.abs(steps - np.round(steps)).max() > 0.1


def test_what_greedy_says_is_the_reason(coarse: SpatialMap) -> None:
    senseless = GreedySettings.model_construct(deformable_iterations=())
    with pytest.raises(ScanError, match="registration failed: Expected an integer"):
        Greedy(senseless).register(coarse, coarse)
