"""fnirt's coefficients: splines as its documentation describes them."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from scipy.interpolate import BSpline

from crosswarp.errors import InputError
from crosswarp.registration.foreign.made import TransformAsked, change_of
from tests.registration.foreign.written import Case, plain

KNOTS = (5, 4, 6)
EXTENT = (14, 16, 12)
PREMAT = np.eye(4)
PREMAT[:3] = [[1.1, 0.05, 0, 3], [0, 0.95, 0.02, 2], [0, 0, 1.04, 1]]


def coefficients() -> np.ndarray:
    count = [int(np.ceil((n + 1) / k)) + 2 for n, k in zip(EXTENT, KNOTS, strict=True)]
    return np.random.default_rng(2).normal(0, 0.5, (*count, 3))


def write(folder: Path, values: np.ndarray, intent: int = 2007) -> Path:
    image = nib.Nifti1Image(values.astype(np.float32), np.eye(4))
    header = image.header
    image.set_sform(PREMAT, code=1)
    image.set_qform(None, code=0)
    header["pixdim"][1:4] = KNOTS
    header["intent_code"] = intent
    for n, spacing in enumerate((2.0, 2.5, 2.2), 1):
        header[f"intent_p{n}"] = spacing
    for axis, extent in zip("xyz", EXTENT, strict=True):
        header[f"qoffset_{axis}"] = extent
    path = folder / "coefficients.nii.gz"
    nib.save(image, path)
    return path


def slopes(values: np.ndarray) -> np.ndarray:
    """Derivatives by millimetres of the three components, exactly."""
    spacing = (2.0, 2.5, 2.2)
    found = np.zeros((*EXTENT, 3, 3))
    for along in range(3):
        bases = []
        for axis in range(3):
            count = values.shape[axis]
            spline = BSpline(np.arange(count + 4) - 3.0, np.eye(count), 3)
            spline = spline.derivative() if axis == along else spline
            bases.append(spline(np.arange(EXTENT[axis]) / KNOTS[axis]))
        scale = KNOTS[along] * spacing[along]
        found[..., along] = np.einsum("abcd,ia,jb,kc->ijkd", values, *bases) / scale
    return found


def test_coefficients_are_splines_over_flirts_matrix(tmp_path) -> None:
    values = coefficients()
    case = Case(tmp_path, plain())
    linear = np.linalg.inv(PREMAT)[:3, :3]
    truth = np.log(np.linalg.det(linear + slopes(values)))
    asked = TransformAsked(write(tmp_path, values), case.reference(), keep_affine=True)
    kept, transform = change_of(asked)
    inner = (slice(1, -1),) * 3
    apart = kept.log_jacobian.values[inner] - truth[inner]
    # Differences of neighbours are not quite the slope of a spline.
    assert np.abs(apart).max() < 0.05
    assert np.abs(apart).mean() < 0.01
    assert np.std(truth) > 0.03
    assert transform.words == "FSL fnirt"
    assert kept.log_affine == pytest.approx(-np.log(np.linalg.det(PREMAT)), abs=1e-5)
    assert not kept.fitted


@pytest.mark.parametrize(
    ("intent", "affine", "says"),
    [
        (2009, plain(), "coefficients of a kind .NIfTI intent 2009. that cannot be"),
        (2007, np.diag([2.0, 2.5, 2.2, 1]), "not stored in FSL's own order"),
        (2007, np.diag([-2.0, 2, 2, 1]), "are for a reference of 14 x 16 x 12 voxels"),
    ],
)
def test_what_coefficients_cannot_be_read(tmp_path, intent, affine, says) -> None:
    path = write(tmp_path, coefficients(), intent)
    with pytest.raises(InputError, match=says):
        change_of(TransformAsked(path, Case(tmp_path, affine).reference()))
