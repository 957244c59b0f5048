"""The template: its grids, and that both resolutions lie in the same place."""

from pathlib import Path

import numpy as np
import pytest

from crosswarp.errors import InputError, MissingPackageError
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration import template as module
from crosswarp.registration.template import (
    coarsen,
    load_template,
    own_template,
    template_named,
)
from crosswarp.types.arrays import SpatialMap
from tests.heads import write_head


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
    module._loaded.cache_clear()
    module._images.cache_clear()
    with pytest.raises(MissingPackageError, match="pip install"):
        load_template(1)


EXTENT = (120, 110, 130)


def write_own(
    folder: Path, spacing: float = 1.0, radius: float = 58.0, shift: float = 0.0
) -> tuple[Path, Path]:
    """Write a ball in a box as a template, and its mask, stored from left to right."""
    places = np.indices(EXTENT) - np.array(EXTENT).reshape(3, 1, 1, 1) / 2
    ball = (places**2).sum(axis=0) < radius**2
    affine = np.diag([-spacing, spacing, spacing, 1.0])
    affine[:3, 3] = (60, -50, -60)
    t1w = write_head(folder / "own.nii", np.where(ball, 80, 20).astype("i2"), affine)
    affine[0, 3] += shift
    return t1w, write_head(folder / "own_mask.nii", ball.astype("u1"), affine)


def test_a_template_of_ones_own(tmp_path: Path) -> None:
    t1w, mask = write_own(tmp_path)
    own = own_template(t1w, mask, "Elderly70")
    template = load_template(1, own)
    assert template.brain.extent == EXTENT
    assert template.space == "Elderly70"
    assert template.mask.sum() == pytest.approx(4 / 3 * np.pi * 58**3, rel=0.01)
    assert template.brain.values[~template.mask].max() == 0
    assert template.brain.values.max() == 1
    # Stored from left to right, it comes out as RAS+.
    assert template.brain.affine[0, 0] == 1
    coarse = load_template(2, own)
    assert coarse.brain.extent == (60, 55, 65)
    assert coarse.mask.sum() * 8 == pytest.approx(template.mask.sum(), rel=0.05)


def test_what_counts_is_what_the_files_hold(tmp_path: Path) -> None:
    first = own_template(*write_own(tmp_path / "a"), "Own")
    moved = own_template(*write_own(tmp_path / "b"), "Own")
    other = own_template(*write_own(tmp_path / "c", radius=57), "Own")
    dumped = [
        PreprocessSettings(template=own).model_dump(mode="json")
        for own in (first, moved, other)
    ]
    assert dumped[0] == dumped[1] != dumped[2]
    assert str(tmp_path) not in str(dumped)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"spacing": 1.5}, r"voxels of 1\.5 x 1\.5 x 1\.5 mm; resample"),
        ({"radius": 40.0}, "268 cm3; expected 700 to 2300"),
        ({"shift": 3.0}, "lie on different grids"),
    ],
)
def test_a_template_that_cannot_be_used(
    tmp_path: Path, change: dict[str, float], reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        own_template(*write_own(tmp_path, **change), "Own")


@pytest.mark.parametrize("space", ["", "my space", "MNI152NLin2009cSym", "über"])
def test_its_name_must_be_its_own(tmp_path: Path, space: str) -> None:
    with pytest.raises(InputError, match="letters and digits"):
        own_template(*write_own(tmp_path), space)


def test_a_template_is_whole_or_not_given(tmp_path: Path) -> None:
    assert template_named(None, None, "") is None
    t1w, mask = write_own(tmp_path)
    for part in ((t1w, None, "Own"), (None, mask, "Own"), (t1w, mask, "")):
        with pytest.raises(InputError, match="needs all three"):
            template_named(*part)
    with pytest.raises(InputError, match="no file at"):
        template_named(t1w, tmp_path / "nothing.nii", "Own")
    assert template_named(t1w, mask, "Own") == own_template(t1w, mask, "Own")
