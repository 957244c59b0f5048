"""A stored displacement is what was given, to half a step, and small."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from crosswarp.preprocessing.stored import STEP_MM, displacement_image
from crosswarp.registration.foreign.own import read_own
from crosswarp.types.arrays import SpatialMap

AFFINE = np.diag([2.0, 2.0, 2.0, 1.0])


@pytest.fixture
def field() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 3, (9, 10, 11, 3)).astype(np.float32)


def read(path: Path, field: np.ndarray) -> np.ndarray:
    reference = SpatialMap(np.zeros(field.shape[:3], np.float32), AFFINE)
    (step,) = read_own(path, reference).steps
    return step.displacement


def test_readers_get_it_back(tmp_path: Path, field: np.ndarray) -> None:
    path = tmp_path / "x_xfm.nii.gz"
    nib.save(displacement_image(field, AFFINE), path)
    stored = nib.load(path)
    assert stored.get_data_dtype() == np.int16
    assert stored.header.get_intent() == ("vector", (), "RAS+ mm")
    error = np.abs(read(path, field) - field).max()
    assert 0.4 * STEP_MM < error < 0.51 * STEP_MM


def test_the_floats_of_earlier_versions_are_read_too(
    tmp_path: Path, field: np.ndarray
) -> None:
    path = tmp_path / "x_xfm.nii.gz"
    nib.save(nib.Nifti1Image(field[:, :, :, np.newaxis], AFFINE), path)
    np.testing.assert_array_equal(read(path, field), field)


def test_a_long_way_takes_longer_steps(tmp_path: Path, field: np.ndarray) -> None:
    path = tmp_path / "x_xfm.nii.gz"
    field[0, 0, 0, 0] = 327.67
    nib.save(displacement_image(field, AFFINE), path)
    np.testing.assert_allclose(read(path, field), field, atol=0.0051)
