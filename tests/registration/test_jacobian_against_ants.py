"""log_jacobian agrees with ANTs, in value and in sign, on a real registration."""

import nibabel as nib
import numpy as np
import pytest

from crosswarp.registration.jacobian import log_jacobian

pytestmark = pytest.mark.registration
SHAPE = (40, 42, 44)


def from_centre() -> np.ndarray:
    """Distance of every voxel from the centre, in voxels."""
    centre = np.array(SHAPE).reshape(3, 1, 1, 1) / 2
    return np.linalg.norm(np.indices(SHAPE) - centre, axis=0)


def head_with_ventricle(radius: float) -> np.ndarray:
    distance = from_centre()
    ventricle = 1 / (1 + np.exp(2 * (distance - radius)))
    return (0.4 * (distance < 18) + 0.6 * ventricle).astype("float32")


def test_larger_ventricle_is_positive_and_as_ants_says() -> None:
    ants = pytest.importorskip("ants")
    template = ants.from_numpy(head_with_ventricle(radius=6), spacing=(2.0, 2.0, 2.0))
    patient = ants.from_numpy(head_with_ventricle(radius=9), spacing=(2.0, 2.0, 2.0))
    warp = ants.registration(
        template,
        patient,
        type_of_transform="SyNOnly",
        initial_transform="Identity",
        random_seed=1,
    )["fwdtransforms"][0]
    by_ants = ants.create_jacobian_determinant_image(template, warp, do_log=True)

    image = nib.load(warp)
    displacement = np.squeeze(image.get_fdata()) * [-1, -1, 1]  # LPS+ to RAS+
    ours = log_jacobian(displacement, image.affine)

    assert ours[from_centre() < 5].mean() > 0.3
    inside = (slice(2, -2),) * 3
    np.testing.assert_allclose(ours[inside], by_ants.numpy()[inside], atol=0.05)
