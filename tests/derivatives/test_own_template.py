"""A user's template through the chain: its names, its grid, the same map; and after."""

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.derivatives.cohort import preprocess_cohort
from crosswarp.derivatives.scan import map_path
from crosswarp.derivatives.settings import PreprocessSettings
from crosswarp.derivatives.template import load_head, own_template
from tests.heads import write_head
from tests.preprocessed import Preprocessed

GOOD = ScanId("sub-good")


def write_template(folder: Path) -> tuple[Path, Path]:
    """The embedded template, stored with other axes and another brightness."""
    head, mask = load_head()
    flipped = head.affine @ np.diag([-1.0, -1.0, 1.0, 1.0])
    flipped[:3, 3] += head.affine[:3, :3] @ (head.extent[0] - 1, head.extent[1] - 1, 0)
    values = np.round(head.values[::-1, ::-1] * 20).astype(np.int16)
    return (
        write_head(folder / "own.nii", values, flipped),
        write_head(folder / "mask.nii", mask[::-1, ::-1].astype(np.uint8), flipped),
    )


@pytest.mark.slow
@pytest.mark.registration
def test_the_embedded_template_given_as_ones_own_gives_the_same_map(
    preprocessed: Preprocessed, tmp_path: Path
) -> None:
    own = own_template(*write_template(tmp_path), "OwnSpace")
    settings = PreprocessSettings(resolution=2, template=own)
    out = tmp_path / "out"
    found = find_scans(preprocessed.raw, participants=["good"])
    ledger = preprocess_cohort(found, out, settings)
    assert ledger["status"].tolist() == ["ok"], ledger["reason"].tolist()

    path = map_path(out, GOOD, 2, "logjacobian", space="OwnSpace")
    ours, theirs = (
        nib.load(p) for p in (path, map_path(preprocessed.out, GOOD, 2, "logjacobian"))
    )
    np.testing.assert_allclose(ours.affine, theirs.affine, atol=1e-4)
    mask = nib.load(next(out.glob("tpl-OwnSpace_res-2_desc-brain_mask.nii.gz")))
    inside = np.asarray(mask.dataobj) > 0
    values = np.corrcoef(ours.get_fdata()[inside], theirs.get_fdata()[inside])
    assert values[0, 1] > 0.99
    sidecar = json.loads(
        map_path(out, GOOD, 2, "logjacobian", ".json", "OwnSpace").read_text()
    )
    assert sidecar["SpatialReference"].startswith("OwnSpace, a template given by the")
    assert sidecar["Settings"]["template"]["t1w_digest"] == own.t1w_digest
    assert str(tmp_path) not in json.dumps(sidecar)
    assert not list(out.rglob("*MNI152*"))
