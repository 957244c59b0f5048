"""`crosswarp preprocess --longitudinal`: two sessions of a real head, by command."""

import shutil
from functools import partial
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table
from crosswarp.cli.main import app
from crosswarp.inputs.samples import find_grid, find_samples, read_maps
from crosswarp.inputs.scan_files import Derivatives
from crosswarp.longitudinal.cohort import LongitudinalAsked
from crosswarp.preprocessing.verify import verify_derivatives
from crosswarp.study.names import LONGITUDINAL, LONGITUDINAL_LEDGER
from crosswarp.types.arrays import SpatialMap
from tests.heads import with_growth
from tests.longitudinal.data_set import QUICK
from tests.nipreps import SPACE, TO_SCAN, write_derivatives

FIRST, LATER = "ses-M00", "ses-M18"
PLACE = np.array([27.0, -21.0, -14.0, 1.0])
"""Right hippocampus, in the template."""


def write_visits(root: Path) -> Path:
    """Derivatives of two sessions; in the later one something was lost."""
    anat = write_derivatives(root)
    for session in (FIRST, LATER):
        there = anat.parent / session / "anat"
        there.mkdir(parents=True)
        for path in anat.iterdir():
            name = path.name.replace("sub-01", f"sub-01_{session}")
            shutil.copy(path, there / name)
    shutil.rmtree(anat)
    path = there / f"sub-01_{LATER}_desc-preproc_T1w.nii.gz"
    image = nib.load(path)
    head = SpatialMap(np.asarray(image.dataobj, np.float32), image.affine)
    x, y, z = (TO_SCAN @ PLACE)[:3].tolist()
    lost = with_growth(head, (x, y, z), -0.12, 14)
    nib.save(nib.Nifti1Image(lost.values, lost.affine), path)
    return root


@pytest.mark.slow
def test_two_sessions_become_a_change_that_networks_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "crosswarp.longitudinal.data_set.LongitudinalAsked",
        partial(LongitudinalAsked, settings=QUICK),
    )
    scans, out = write_visits(tmp_path / "fmriprep"), tmp_path / "maps"
    words = [scans, out, "--from-derivatives", "--longitudinal", "--resolution", "2"]
    done = CliRunner().invoke(app, ["preprocess", *map(str, words)])
    assert done.exit_code == 0, done.output
    assert "1 pairs of visits in" in done.output
    (pair,) = read_table(out / LONGITUDINAL_LEDGER).to_dict("records")
    assert (pair["status"], pair["interval_years"]) == ("ok", 1.5)
    table = read_table(out / LONGITUDINAL).set_index(["region", "hemisphere"])
    lost = table["change_percent"]
    assert lost["hippocampus", "right"] < -2
    assert abs(lost["hippocampus", "left"]) < 1
    rate = table["percent_a_year"]["hippocampus", "right"]
    assert rate == pytest.approx(lost["hippocampus", "right"] / 1.5, rel=0.01)
    assert not verify_derivatives(out)
    row = {"participant_id": "sub-01", "session_id": LATER, "diagnosis": "AD"}
    maps = Derivatives(out, SPACE, 2, ("jsm", "rate"))
    (files,) = find_samples(pd.DataFrame([row]), maps)
    assert files.scan == ScanId("sub-01", LATER)
    first, rates = read_maps(files, find_grid([files], maps, crop=True))
    assert first.shape == rates.shape
    assert float(rates.min()) < -0.02
