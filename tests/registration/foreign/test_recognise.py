"""Formats are told by the file; what is of another kind, space or direction is said."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK

from crosswarp.errors import InputError, OccupiedError
from crosswarp.registration.foreign.made import (
    TransformAsked,
    change_of,
    write_change,
)
from crosswarp.registration.foreign.recognise import recognised
from tests.registration.foreign.written import (
    AFFINE,
    WRITERS,
    Case,
    bent,
    fsl_field,
    itk_affine_of,
    itk_composite,
    itk_image,
    plain,
    spm,
)

GREW = np.log(np.linalg.det(AFFINE[:3, :3]))


@pytest.fixture
def case(tmp_path) -> Case:
    return Case(tmp_path, plain())


def asked(case: Case, path: Path, **others) -> TransformAsked:
    return TransformAsked(path, case.reference(), **others)


def itk_affine(case: Case, name: str = "to0GenericAffine.mat") -> Path:
    SimpleITK.WriteTransform(itk_affine_of(AFFINE), str(case.folder / name))
    return case.folder / name


def test_fields_are_recognised(case) -> None:
    expected = {
        "itk_image": "itk",
        "itk_composite": "itk",
        "spm": "spm",
        "own": "crosswarp",
    }
    expected |= {"fsl_field": "fsl", "fsl_absolute": "fsl", "afni": "afni"}
    assert {n: recognised(WRITERS[n](case)) for n in expected} == expected


@pytest.mark.parametrize("name", ["a0GenericAffine.mat", "a.txt", "a.tfm"])
def test_an_affine_of_itk(case, name: str) -> None:
    found, _ = change_of(asked(case, itk_affine(case, name), keep_affine=True))
    np.testing.assert_allclose(found.log_jacobian.values, GREW, atol=1e-5)


def test_affines_of_text_files(case) -> None:
    path = case.folder / "affine.mat"
    np.savetxt(path, AFFINE)
    for name, expected in (("greedy", GREW), ("fsl", -GREW)):
        found, _ = change_of(asked(case, path, format=name, keep_affine=True))
        np.testing.assert_allclose(found.log_jacobian.values, expected, atol=1e-5)
    path = case.folder / "x.aff12.1D"
    path.write_text(
        "# 3dAllineate\n" + " ".join(f"{n:.8f}" for n in AFFINE[:3].ravel())
    )
    found, _ = change_of(asked(case, path, keep_affine=True))
    np.testing.assert_allclose(found.log_jacobian.values, GREW, atol=1e-5)


def test_a_warp_of_greedy_is_one_of_itk(case) -> None:
    path = itk_image(case)
    one, _ = change_of(asked(case, path, format="greedy"))
    other, _ = change_of(asked(case, path))
    assert np.array_equal(one.log_jacobian.values, other.log_jacobian.values)


def test_an_affine_beside_its_warp(case) -> None:
    path, affine = itk_image(case), itk_affine(case)
    alone, _ = change_of(asked(case, path))
    both, _ = change_of(asked(case, path, affine=affine))
    assert both.with_affine
    assert not alone.with_affine
    more = both.log_jacobian.values - alone.log_jacobian.values
    np.testing.assert_allclose(more, GREW, atol=1e-5)
    with pytest.raises(InputError, match="expected an affine for `affine`, got a warp"):
        change_of(asked(case, path, affine=path))


def text(case: Case) -> Path:
    path = case.folder / "affine.mat"
    np.savetxt(path, AFFINE)
    return path


def elsewhere(case: Case) -> Path:
    moved = case.affine.copy()
    moved[:3, 3] += 60
    return itk_image(Case(case.folder, moved))


def nonsense(case: Case) -> Path:
    path = case.folder / "x.h5"
    path.write_bytes(b"nothing of ITK")
    return path


def not_finite(case: Case) -> Path:
    values = bent(case.points)[:, :, :, None]
    values[0] = np.nan
    return case.save("xWarp.nii.gz", values)


def spline(case: Case) -> Path:
    path = case.folder / "x.tfm"
    SimpleITK.WriteTransform(SimpleITK.BSplineTransform(3), str(path))
    return path


def renamed(case: Case, path: Path, name: str) -> Path:
    return path.rename(case.folder / name)


BAD = {
    "affine for a warp": (itk_affine, "expected a warp, got an affine"),
    "4 x 4 of nobody": (text, "greedy and FSL write such matrices"),
    "an image": (lambda case: case.reference(), "expected a warp with three numbers"),
    "no file": (lambda case: case.folder / "no.h5", "no file at"),
    "another space": (elsewhere, "covers 0% of the reference"),
    "unit not said": (WRITERS["voxels"], "nor in which unit"),
    "no transform": (nonsense, "ITK cannot read it as a transform"),
    "not finite": (not_finite, "numbers that are not finite"),
    "a spline": (spline, "holds a BSplineTransform"),
    "inverse by name": (
        lambda case: renamed(case, itk_image(case), "to1InverseWarp.nii.gz"),
        "its map has the opposite sign",
    ),
    "inverse of SPM": (lambda case: renamed(case, spm(case), "iy_T1.nii"), "by iy_ in"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_clear_line(case, name: str) -> None:
    make, says = BAD[name]
    with pytest.raises(InputError, match=says) as raised:
        change_of(asked(case, make(case)))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("writer", "name", "says"),
    [
        (spm, "itk", "give `transform_format='spm'`"),
        (itk_image, "spm", "give `transform_format='itk'`"),
        (fsl_field, "ants", "no format 'ants'; known: itk, fsl"),
    ],
)
def test_a_format_that_is_not_the_files(case, writer, name: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        change_of(asked(case, writer(case), format=name))


def test_numbers_in_metres_are_told_by_the_affine(case) -> None:
    path = case.folder / "affine.mat"
    np.savetxt(path, np.diag([1000.0, 1000, 1000, 1]))
    with pytest.raises(InputError, match="more than heads differ"):
        change_of(asked(case, path, format="greedy", keep_affine=True))
    path.write_text("1 2 3")
    with pytest.raises(InputError, match="expected 16 numbers of an affine, got 3"):
        change_of(asked(case, path, format="greedy"))
    path.write_bytes(b"\xff\xfe one two")
    with pytest.raises(InputError, match="a text file with 16 numbers"):
        change_of(asked(case, path, format="greedy"))
    np.savetxt(path, np.zeros((4, 4)))
    with pytest.raises(InputError, match="flattens space"):
        change_of(asked(case, path, format="greedy"))


def test_spaces_in_names_have_to_agree(case) -> None:
    path = itk_composite(case)
    for space, says in (
        ("MNI152NLin6Asym", "is in MNI152NLin6Asym; give a `reference` in MNI"),
        ("T1w", "give the transform from-MNI_to-T1w: it is the other way"),
    ):
        reference = case.reference().rename(case.folder / f"x_space-{space}_T1w.nii.gz")
        with pytest.raises(InputError, match=says):
            change_of(TransformAsked(path, reference))
    good = case.reference().rename(case.folder / "tpl-MNI_res-2_T1w.nii.gz")
    assert change_of(TransformAsked(path, good))[0].folded == 0


def test_references_that_are_none(case) -> None:
    path = itk_image(case)
    with pytest.raises(InputError, match="no file at"):
        change_of(TransformAsked(path, case.folder / "none.nii.gz"))
    with pytest.raises(InputError, match="a reference with three axes"):
        change_of(TransformAsked(path, path))
    empty = case.folder / "empty.nii.gz"
    nib.save(nib.Nifti1Image(np.zeros((14, 16, 12), np.float32), case.affine), empty)
    with pytest.raises(InputError, match="the reference is 0 everywhere"):
        change_of(TransformAsked(path, empty))


def test_nothing_else_is_written_over(case) -> None:
    path, out = itk_image(case), case.folder / "T1w.nii.gz"
    out.write_bytes(b"a scan")
    with pytest.raises(OccupiedError, match="was not written by this command"):
        write_change(asked(case, path), out)
    assert out.read_bytes() == b"a scan"
    with pytest.raises(InputError, match=r"ends in \.nii\.gz"):
        write_change(asked(case, path), case.folder / "map.mgz")
