"""ANTs' SyN: the paper's call and no other, and nothing left behind."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from crosswarp.errors import ScanError
from crosswarp.execution.temporary import base_folder
from crosswarp.registration.ants_library import load_ants
from crosswarp.registration.ants_syn import AntsSyn
from crosswarp.registration.build import register
from crosswarp.registration.lps import itk_grid
from crosswarp.registration.result import Registration
from crosswarp.registration.settings import AntsSettings
from crosswarp.types.arrays import SpatialMap
from tests.registration.deformed import deformed, template_at

ants = load_ants()
pytestmark = [pytest.mark.slow, pytest.mark.registration]


@pytest.fixture(scope="module")
def coarse() -> SpatialMap:
    """The template's brain at 4 mm: a real head that registers in a second."""
    return template_at(4)


@pytest.fixture(scope="module")
def participant(coarse: SpatialMap) -> SpatialMap:
    return deformed(coarse).participant


@pytest.fixture(scope="module")
def found(coarse: SpatialMap, participant: SpatialMap) -> Registration:
    return register(coarse, participant, AntsSettings())


def to_ants(source: SpatialMap):
    grid = itk_grid(source.affine)
    return ants.from_numpy(source.values, grid.origin, grid.spacing, grid.direction)


def test_the_defaults_are_the_papers_call_in_our_axes(
    coarse: SpatialMap, participant: SpatialMap, found: Registration, tmp_path: Path
) -> None:
    ants.config.set_ants_deterministic(on=False, seed_value=AntsSettings().seed)
    try:
        made = ants.registration(
            to_ants(coarse), to_ants(participant), "SyN", outprefix=f"{tmp_path}/"
        )
    finally:
        ants.config.set_ants_deterministic(on=False, seed_value=None)
    warp, affine = made["fwdtransforms"]
    stored = nib.load(warp).get_fdata(dtype=np.float32)
    flip = np.array([-1, -1, 1], np.float32)
    # The defaults are the paper's call: the same bytes.
    np.testing.assert_array_equal(found.displacement, stored[:, :, :, 0] * flip)
    point = np.array([12.0, -34.0, 56.0])
    there = ants.read_transform(affine).apply_to_point((flip * point).tolist())
    ours = found.affine[:3, :3] @ point + found.affine[:3, 3]
    np.testing.assert_allclose(ours, flip * there, atol=1e-3)


def test_another_seed_gives_another_affine(
    coarse: SpatialMap, participant: SpatialMap, found: Registration
) -> None:
    other = register(coarse, participant, AntsSettings(seed=1, iterations=(1, 0, 0)))
    assert other.affine.tobytes() != found.affine.tobytes()
    np.testing.assert_allclose(other.affine, found.affine, atol=0.5)


def test_nothing_is_left_behind(
    coarse: SpatialMap, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = set(base_folder().iterdir())
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    register(coarse, coarse, AntsSettings(iterations=(1, 0, 0)))
    assert list(tmp_path.iterdir()) == []
    assert set(base_folder().iterdir()) == before
    assert ants.config._random_seed is None


def test_what_ants_says_is_the_reason(coarse: SpatialMap) -> None:
    nothing = SpatialMap(np.full(coarse.extent, np.nan, np.float32), coarse.affine)
    with pytest.raises(ScanError, match="registration failed: moving image has NaNs"):
        AntsSyn(AntsSettings()).register(coarse, nothing)
