"""The registered image tells a wrong direction, and displacements counted in voxels."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from scipy import ndimage

from crosswarp.errors import InputError
from crosswarp.registration.foreign.made import TransformAsked, change_of
from crosswarp.registration.resampling import grid_points
from tests.registration.foreign.written import LPS, Case, fsl_field, plain

EXTENT = (26, 24, 22)


def bulge(points: np.ndarray) -> np.ndarray:
    offset = points - np.array([-12.0, 8.0, 12.0])
    bell = np.exp(-(offset**2).sum(-1, keepdims=True) / (2 * 12.0**2))
    return -0.4 * offset * bell


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> tuple[Path, np.ndarray, np.ndarray]:
    """A folder with both images, where the voxels lie, and where they go."""
    folder, affine = tmp_path_factory.mktemp("pair"), plain()
    noise = np.random.default_rng(5).normal(size=EXTENT)
    reference = 5 + 3 * ndimage.gaussian_filter(noise, 1.5)
    points = grid_points(EXTENT, affine)
    before = points.copy()
    for _ in range(30):
        before = points - bulge(before)
    voxels = (before - affine[:3, 3]) @ np.linalg.inv(affine[:3, :3]).T
    moving = ndimage.map_coordinates(reference, np.moveaxis(voxels, -1, 0), order=3)
    for name, values in (("reference", reference), ("moving", moving)):
        image = nib.Nifti1Image(values.astype(np.float32), affine)
        nib.save(image, folder / f"{name}.nii.gz")
    return folder, points, bulge(points)


def asked(folder: Path, displacement: np.ndarray) -> TransformAsked:
    image = nib.Nifti1Image(displacement[:, :, :, None].astype(np.float32), plain())
    image.header["intent_code"] = 1007
    nib.save(image, folder / "xWarp.nii.gz")
    return TransformAsked(
        folder / "xWarp.nii.gz",
        folder / "reference.nii.gz",
        moving=folder / "moving.nii.gz",
    )


def test_the_right_transform_passes(pair) -> None:
    folder, _, moved = pair
    found, _ = change_of(asked(folder, moved * LPS))
    assert found.log_jacobian.values.min() < -0.8


def test_the_wrong_direction_is_told(pair) -> None:
    folder, _, moved = pair
    with pytest.raises(InputError, match="turned round: the transform goes the other"):
        change_of(asked(folder, -moved * LPS))


def test_counts_of_voxels_are_told(pair) -> None:
    folder, _, moved = pair
    counts = moved @ np.linalg.inv(plain()[:3, :3]).T
    with pytest.raises(InputError, match="give `transform_format='voxels'`"):
        change_of(asked(folder, counts))


def test_what_cannot_be_compared_is_said(pair, tmp_path) -> None:
    folder, _, moved = pair
    case = Case(tmp_path, plain())
    path = fsl_field(case)
    with pytest.raises(InputError, match="leave `moving` out"):
        change_of(TransformAsked(path, case.reference(), moving=case.reference()))
    good = asked(folder, moved * LPS)
    with pytest.raises(InputError, match="give `moving` an image"):
        change_of(TransformAsked(good.path, good.reference, moving=folder / "none.nii"))
    empty = nib.Nifti1Image(np.zeros(EXTENT, np.float32), plain())
    nib.save(empty, folder / "empty.nii.gz")
    blank = TransformAsked(good.path, good.reference, moving=folder / "empty.nii.gz")
    assert change_of(blank)[0].folded == 0
