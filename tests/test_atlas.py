"""load_atlas: names at the places where the template has them."""

import numpy as np
import pytest

from crosswarp import atlas as module
from crosswarp.atlas import check_space, load_atlas
from crosswarp.errors import InputError, MissingPackageError, ShapeError
from crosswarp.registration.template import load_template


@pytest.mark.parametrize("resolution", [1, 2])
def test_hippocampi_are_where_and_as_large_as_known(resolution: int) -> None:
    template = load_template(resolution).brain
    labels, regions = load_atlas(template.extent, template.affine)
    for hemisphere, sign in (("left", -1), ("right", 1)):
        (found,) = (
            r for r in regions if (r.name, r.hemisphere) == ("hippocampus", hemisphere)
        )
        inside = np.argwhere(labels == found.label)
        centre = template.affine[:3, :3] @ inside.mean(0) + template.affine[:3, 3]
        assert 20 < sign * centre[0] < 32
        assert -32 < centre[1] < -12
        assert len(inside) * resolution**3 == pytest.approx(4690, rel=0.05)


def test_another_space_is_refused_though_its_grid_fits() -> None:
    check_space("MNI152NLin2009cSym")
    with pytest.raises(InputError, match="lies in MNI152NLin2009cSym, the maps in Own"):
        check_space("Own")


def test_another_grid_is_refused() -> None:
    with pytest.raises(ShapeError, match="the atlas has"):
        load_atlas((91, 109, 91), np.diag([2.0, 2, 2, 1]))


def test_without_its_package_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(MissingPackageError, match="pip install"):
        load_atlas((97, 115, 97), np.eye(4))
