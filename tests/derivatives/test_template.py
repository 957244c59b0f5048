"""The template: its grids, and that both resolutions lie in the same place."""

import numpy as np
import pytest

from crosswarp.derivatives import template as module
from crosswarp.derivatives.template import coarsen, load_template
from crosswarp.errors import MissingPackageError
from crosswarp.types.arrays import SpatialMap


@pytest.mark.parametrize(
    ("resolution", "extent"), [(1, (193, 229, 193)), (2, (97, 115, 97))]
)
def test_grids(resolution: int, extent: tuple[int, int, int]) -> None:
    template = load_template(resolution)
    assert template.brain.extent == extent
    assert template.brain.spacing == (resolution,) * 3
    np.testing.assert_array_equal(template.brain.affine[:3, 3], (-96, -132, -78))
    volume_cm3 = template.mask.sum() * resolution**3 / 1000
    assert 1700 < volume_cm3 < 2000  # this average is larger than most heads
    assert template.brain.values[template.mask].mean() > 0.4
    assert template.brain.values.min() >= 0
    assert template.brain.values.max() <= 1


def test_coarsen_keeps_places() -> None:
    index = np.indices((20, 21, 22)).astype(np.float32)
    for axis in range(3):
        coarse = coarsen(SpatialMap(index[axis], np.eye(4)))
        inside = (slice(3, -3),) * 3
        expected = 2 * np.indices(coarse.extent)[axis]
        np.testing.assert_allclose(coarse.values[inside], expected[inside], atol=1e-3)
        assert coarse.spacing == (2, 2, 2)


def test_without_its_package_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    load_template.cache_clear()
    with pytest.raises(MissingPackageError, match="pip install"):
        load_template(1)
