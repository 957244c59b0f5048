"""preprocess_cohort: every scan ends as files or as a reason, and never twice."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

from crosswarp.bids.dataset import FoundScans, RawScan, find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table
from crosswarp.execution.dask_engine import DaskEngine
from crosswarp.execution.dask_sites import LocalWorkers
from crosswarp.preprocessing.cohort import preprocess_cohort
from crosswarp.preprocessing.scan import DESCRIPTIONS, map_path
from crosswarp.registration.template import load_template
from tests.preprocessed import FAST, Preprocessed

pytestmark = [pytest.mark.slow, pytest.mark.registration]

GOOD = ScanId("sub-good")
PICTURE = "sub-good_space-MNI152NLin2009cSym_res-2_desc-qc_T1w.png"


def test_one_bad_scan_stops_no_other(preprocessed: Preprocessed) -> None:
    status = preprocessed.ledger.set_index("participant_id")["status"].to_dict()
    assert status == {
        "sub-good": "ok",
        "sub-cube": "failed",
        "sub-cut": "failed",
        "sub-volumes": "failed",
        "sub-zeros": "failed",
    }


@pytest.mark.parametrize(
    ("participant", "reason"),
    [
        ("sub-cube", "against the edge of the image"),
        ("sub-cut", "damaged or incomplete"),
        ("sub-volumes", "4 volumes"),
        ("sub-zeros", "there is no image"),
    ],
)
def test_the_ledger_says_why(
    preprocessed: Preprocessed, participant: str, reason: str
) -> None:
    table = read_table(preprocessed.out / "ledger.tsv").set_index("participant_id")
    assert reason in table.loc[participant, "reason"]


def test_a_good_scan_has_its_numbers(preprocessed: Preprocessed) -> None:
    row = preprocessed.ledger.set_index("participant_id").loc["sub-good"]
    assert 1500 < row["brain_volume_cm3"] < 2100
    assert 1500 < row["intracranial_volume_cm3"] < 2200
    assert row["overlap"] > 0.93
    assert row["similarity"] > 0.8
    assert row["folded"] == 0
    assert row["peak_mb"] > 100
    assert (row["qc"], row["brain_mask"]) == ("ok", "deepbet")
    assert row["reason"] == "n/a"


def test_what_was_measured_before_a_refusal_is_kept(
    preprocessed: Preprocessed,
) -> None:
    row = preprocessed.ledger.set_index("participant_id").loc["sub-cube"]
    assert row["qc"] == "failed"
    assert row["brain_at_edge_cm2"] > 40
    assert np.isnan(row["overlap"])


def test_the_page_shows_the_scans_of_the_ledger(preprocessed: Preprocessed) -> None:
    page = (preprocessed.out / "qc.html").read_text("utf-8")
    order = re.findall(r"<h3>(.*?)</h3>", page)
    assert order[-1] == "sub-good"
    assert sorted(order) == list(preprocessed.ledger["participant_id"])
    assert f'src="sub-good/figures/{PICTURE}"' in page


@pytest.mark.parametrize("desc", ["preproc", "logjacobian", "brain"])
def test_maps_lie_on_the_template_grid(preprocessed: Preprocessed, desc: str) -> None:
    template = load_template(2)
    opened = nib.load(map_path(preprocessed.out, GOOD, 2, desc))
    assert opened.shape == template.brain.extent
    np.testing.assert_array_equal(opened.affine, template.brain.affine)
    assert opened.header.get_xyzt_units()[0] == "mm"


def test_values_are_what_the_names_say(preprocessed: Preprocessed) -> None:
    t1w, log_j, brain = (
        nib.load(map_path(preprocessed.out, GOOD, 2, desc)).get_fdata()
        for desc in ("preproc", "logjacobian", "brain")
    )
    assert t1w.min() == 0
    assert t1w.max() <= 1
    assert set(np.unique(brain)) == {0, 1}
    assert not t1w[brain == 0].any()
    inside = log_j[load_template(2).mask]
    assert abs(np.median(inside)) < 0.1
    assert 0.1 < inside.std() < 0.4


def test_sidecars_say_how_the_maps_were_made(preprocessed: Preprocessed) -> None:
    path = map_path(preprocessed.out, GOOD, 2, "logjacobian", ".json")
    sidecar = json.loads(path.read_text())
    assert "above 0 where the participant is locally larger" in sidecar["Description"]
    assert sidecar["Sources"] == ["bids:raw:sub-good/anat/sub-good_T1w.nii.gz"]
    assert sidecar["Settings"] == FAST.model_dump(mode="json")
    assert sidecar["Versions"]["picsl-greedy"]
    assert sidecar["BrainMask"] == "deepbet"
    assert sidecar["QualityVerdict"] == "ok"
    assert sidecar["Quality"]["folded"] == {
        "Value": 0.0,
        "Verdict": "ok",
        "Fine": [None, 0.0],
        "Used": [None, 0.0],
    }


def test_the_transforms_bring_the_scan_to_its_map(preprocessed: Preprocessed) -> None:
    folder = map_path(preprocessed.out, GOOD, 2, "preproc").parent
    stem = "sub-good_res-2_from-T1w_to-MNI152NLin2009cSym_mode-image_xfm"
    affine = np.loadtxt(folder / f"{stem}.txt")
    assert affine.shape == (4, 4)
    field = nib.load(folder / f"{stem}.nii.gz")
    assert field.shape == (*load_template(2).brain.extent, 1, 3)
    # Colin27 lies near the template already.
    np.testing.assert_allclose(affine[:3, :3], np.eye(3), atol=0.05)


def test_a_picture_of_the_good_scan_alone(preprocessed: Preprocessed) -> None:
    pictures = [path.name for path in preprocessed.out.rglob("*.png")]
    assert pictures == [PICTURE]


def test_nothing_half_written_stays(preprocessed: Preprocessed) -> None:
    assert not list(preprocessed.out.rglob("*.part-*"))
    assert not list(preprocessed.out.rglob(".part-*"))


def test_again_does_nothing(preprocessed: Preprocessed) -> None:
    before = times(preprocessed.out)
    again = preprocess_cohort(
        find_scans(preprocessed.raw),
        preprocessed.out,
        FAST,
    )
    assert times(preprocessed.out) == before
    assert list(again["status"]) == list(preprocessed.ledger["status"])


def times(out: Path) -> dict[str, int]:
    return {
        path.name: path.stat().st_mtime_ns for path in out.rglob("sub-*/*/*") if path
    }


def test_twice_and_by_dask_workers_gives_the_same_bytes(
    preprocessed: Preprocessed, tmp_path: Path
) -> None:
    engine = DaskEngine(LocalWorkers(2))
    found, out = find_scans(preprocessed.raw), tmp_path / "out"
    ledger = preprocess_cohort(found, out, FAST, engine=engine)
    told = ["participant_id", "status", "reason", "fingerprint"]
    pd.testing.assert_frame_equal(ledger[told], preprocessed.ledger[told])
    first, second = (
        {path.name: path.read_bytes() for path in (of / "sub-good/anat").iterdir()}
        for of in (preprocessed.out, out)
    )
    assert len(first) >= 8
    assert first == second


def test_a_lost_ledger_is_made_again(
    preprocessed: Preprocessed, tmp_path: Path
) -> None:
    ledger = preprocessed.out / "ledger.tsv"
    kept = ledger.read_bytes()
    ledger.rename(tmp_path / "kept.tsv")
    try:
        found = find_scans(preprocessed.raw, participants=["good"])
        again = preprocess_cohort(found, preprocessed.out, FAST)
    finally:
        ledger.write_bytes(kept)
    assert again["status"].tolist() == ["ok"]
    assert again["overlap"].iloc[0] > 0.93


def test_a_file_that_is_gone_is_a_row(tmp_path: Path) -> None:
    missing = RawScan(ScanId("sub-01"), tmp_path / "sub-01_T1w.nii.gz")
    twice = (ScanId("sub-02"), "more than one T1w image")
    found = FoundScans([missing], [twice], [])
    ledger = preprocess_cohort(found, tmp_path / "out", FAST)
    reasons = dict(zip(ledger["participant_id"], ledger["reason"], strict=True))
    assert reasons["sub-01"].startswith("no scan at")
    assert reasons["sub-02"] == "more than one T1w image"


OPENED = """
import json, sys
import nibabel, numpy
from nilearn.image import load_img
from nilearn.masking import apply_mask
seen = []
for path in sys.argv[1:]:
    ours, theirs = nibabel.load(path), load_img(path)
    assert (ours.get_fdata() == theirs.get_fdata()).all()
    codes = [int(ours.header[name]) for name in ("sform_code", "qform_code")]
    numpy.testing.assert_allclose(ours.get_qform(), ours.get_sform(), atol=1e-5)
    units = list(ours.header.get_xyzt_units())
    seen.append([list(theirs.shape), theirs.affine.tolist(), codes, units])
brain = apply_mask(sys.argv[2], sys.argv[1])
print(json.dumps({"seen": seen, "voxels": brain.size, "most": float(brain.max())}))
"""


def test_other_tools_see_one_grid_affine_and_unit(preprocessed: Preprocessed) -> None:
    paths = [
        *(map_path(preprocessed.out, GOOD, 2, desc) for desc in DESCRIPTIONS),
        preprocessed.out / "tpl-MNI152NLin2009cSym_res-2_desc-brain_T1w.nii.gz",
        preprocessed.out / "tpl-MNI152NLin2009cSym_res-2_desc-brain_mask.nii.gz",
    ]
    printed = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", OPENED, *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    found = json.loads(printed.stdout)
    grid = load_template(2).brain
    # sform and qform say that it is MNI space; millimetres and nothing of time.
    expected = [list(grid.extent), grid.affine.tolist(), [4, 4], ["mm", "unknown"]]
    assert found["seen"] == [expected] * 5
    assert 150_000 < found["voxels"] < 300_000
    assert 0.5 < found["most"] <= 1


def test_the_derivatives_are_bids(preprocessed: Preprocessed, tmp_path: Path) -> None:
    # Headers are read as well: extent, units and codes have rules too.
    # Answers of `crosswarp predict` may lie beside maps.
    out = tmp_path / "maps"
    shutil.copytree(preprocessed.out, out)
    (out / "predictions").mkdir(exist_ok=True)
    (out / "predictions" / "sub-good_prediction.json").write_text("{}")
    (out / "predictions.tsv").touch()
    run = subprocess.run(
        ["bids-validator-deno", "--json", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )
    issues = json.loads(run.stdout)["issues"]["issues"]
    # What only the owner of the data can write.
    assert {issue["code"] for issue in issues} <= {
        "README_FILE_MISSING",
        "TOO_FEW_AUTHORS",
    }
    described = json.loads((out / "dataset_description.json").read_text())
    assert described["DatasetType"] == "derivative"
    assert described["GeneratedBy"][0]["Name"] == "crosswarp"
