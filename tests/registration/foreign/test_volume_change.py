"""The map of each program's transform is the known one, on any grid."""

import json

import nibabel as nib
import numpy as np
import pytest

from crosswarp.errors import InputError
from crosswarp.registration.foreign.made import TransformAsked, change_of
from crosswarp.registration.foreign.steps import AffineStep, ForeignTransform, WarpStep
from crosswarp.registration.foreign.volume_change import volume_change
from crosswarp.types.arrays import SpatialMap
from tests.registration.foreign.written import (
    AFFINE,
    EXTENT,
    GRIDS,
    WRITERS,
    Case,
    bent,
    itk_image,
    plain,
)

INNER = (slice(1, -1),) * 3
"""Where differences of neighbours exist on both sides."""

OF_AFFINE = np.log(np.linalg.det(AFFINE[:3, :3]))
HOLDS = {"itk_composite": False, "fsl_field": True, "fsl_absolute": True, "spm": True}
"""Files that hold the affine as well, and whether it has to be fitted."""

FORMATS = {"voxels": "voxels"}


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("writer", WRITERS)
def test_the_map_is_the_known_one(tmp_path, writer: str, grid: str) -> None:
    case = Case(tmp_path, GRIDS[grid]())
    if writer == "afni" and grid == "oblique":
        # Written as AFNI sees the grid, stored as it lies.
        path = WRITERS[writer](Case(tmp_path, plain()))
        image = nib.load(path)
        turned = nib.Nifti1Image(np.asarray(image.dataobj), case.affine, image.header)
        nib.save(turned, path)
        truth = Case(tmp_path, plain()).truth
    else:
        path, truth = WRITERS[writer](case), case.truth
    asked = TransformAsked(path, case.reference(), FORMATS.get(writer))
    without, _ = change_of(asked)
    assert (without.folded, without.counted) == (0, np.prod(EXTENT))
    assert truth[INNER].max() > 0.1
    assert truth[INNER].min() < -0.1
    kept, _ = change_of(
        TransformAsked(path, case.reference(), asked.format, keep_affine=True)
    )
    affine = OF_AFFINE if writer in HOLDS else 0
    assert kept.fitted is HOLDS.get(writer, False)
    np.testing.assert_allclose(
        kept.log_jacobian.values[INNER], truth[INNER] + affine, atol=2e-4
    )
    # What is fitted contains the linear trend of the rest.
    assert without.log_affine == pytest.approx(
        affine, abs=0.03 if kept.fitted else 1e-5
    )
    np.testing.assert_allclose(
        without.log_jacobian.values,
        kept.log_jacobian.values - kept.log_affine,
        atol=1e-5,
    )


def test_a_warp_is_interpolated_where_the_reference_has_other_voxels(tmp_path) -> None:
    case = Case(tmp_path, plain())
    finer = case.affine @ np.diag([0.5, 0.5, 0.5, 1.0])
    reference = SpatialMap(np.ones((24, 28, 20), np.float32), finer)
    change, transform = change_of(TransformAsked(itk_image(case), case.reference()))
    again = volume_change(transform, reference)
    inner = again.log_jacobian.values[2:-2, 2:-2, 2:-2]
    same = again.log_jacobian.values[::2, ::2, ::2]
    assert inner.shape == (20, 24, 16)
    np.testing.assert_allclose(
        same, change.log_jacobian.values[:12, :14, :10], atol=1e-5
    )


def test_steps_are_chained(tmp_path) -> None:
    case = Case(tmp_path, plain())
    shift = np.eye(4)
    shift[:3, 3] = case.affine[:3, :3] @ (1, 0, 2)  # whole voxels
    warp = WarpStep(bent(case.points).astype(np.float32), case.affine, case.affine)
    reference = SpatialMap(np.ones(EXTENT, np.float32), case.affine)
    reference.values[-1:], reference.values[:, :, -2:] = 0, 0
    both = ForeignTransform((AffineStep(shift), warp), "both")
    alone = volume_change(ForeignTransform((warp,), "one"), reference)
    chained = volume_change(both, reference)
    expected = alone.log_jacobian.values[1:, :, 2:]
    np.testing.assert_allclose(
        chained.log_jacobian.values[:-1, :, :-2], expected, atol=1e-4
    )
    assert chained.covered == 1.0


def test_folds_are_counted_in_the_foreground(tmp_path) -> None:
    case = Case(tmp_path, plain())
    field = np.zeros((*EXTENT, 3), np.float32)
    places = case.points
    field[5:9, ..., 0] = -1.5 * places[5:9, ..., 0]
    reference = SpatialMap(np.ones(EXTENT, np.float32), case.affine)
    reference.values[:, :8] = 0
    warp = WarpStep(field, case.affine, case.affine)
    found = volume_change(ForeignTransform((warp,), "folded"), reference)
    assert found.counted == np.prod(EXTENT) / 2
    assert 0 < found.folded < found.counted
    assert found.log_jacobian.values.min() == pytest.approx(np.log(0.01))


def test_what_has_no_number_is_not_covered(tmp_path) -> None:
    case = Case(tmp_path, plain())
    path = WRITERS["spm"](case)
    image = nib.load(path)
    values = np.asarray(image.dataobj).copy()
    values[:, :4] = np.nan
    nib.save(nib.Nifti1Image(values, image.affine, image.header), path)
    reference = nib.load(case.reference())
    lit = np.asarray(reference.dataobj).copy()
    with pytest.raises(InputError, match="the warp covers 69% of the reference"):
        change_of(TransformAsked(path, case.reference()))
    lit[:, :5] = 0
    nib.save(nib.Nifti1Image(lit, reference.affine), tmp_path / "part.nii.gz")
    found, _ = change_of(TransformAsked(path, tmp_path / "part.nii.gz"))
    assert np.isfinite(found.log_jacobian.values).all()


def test_ants_says_the_same(tmp_path) -> None:
    ants = pytest.importorskip("ants")
    for grid in GRIDS.values():
        case = Case(tmp_path, grid())
        path, reference = itk_image(case), case.reference()
        fixed = ants.image_read(str(reference))
        theirs = ants.create_jacobian_determinant_image(fixed, str(path), do_log=True)
        ours, _ = change_of(TransformAsked(path, reference))
        # ANTs' differences reach over two voxels, and are one-sided at the rim.
        inner = (slice(2, -2),) * 3
        expected = ours.log_jacobian.values[inner]
        np.testing.assert_allclose(theirs.numpy()[inner], expected, atol=1e-5)


def test_the_sidecar_of_a_written_map(tmp_path) -> None:
    from crosswarp.registration.foreign.made import write_change

    case = Case(tmp_path, plain())
    path = WRITERS["itk_composite"](case)
    out = tmp_path / "map.nii.gz"
    write_change(TransformAsked(path, case.reference()), out)
    write_change(TransformAsked(path, case.reference()), out)
    said = json.loads((tmp_path / "map.json").read_text())
    assert said["Transform"]["Steps"] == ["warp of 14 x 16 x 12", "affine"]
    assert said["Affine"]["InTheMap"] is False
    assert said["Affine"]["From"] == "as the files have it"
    assert said["FoldedVoxels"] == 0
    stored = nib.load(out)
    np.testing.assert_allclose(stored.affine, case.affine, atol=1e-5)
    np.testing.assert_allclose(stored.get_fdata()[INNER], case.truth[INNER], atol=2e-4)
