"""Names that the BIDS validator takes, and that no two files share."""

import json
import subprocess
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import (
    derivative_path,
    figure_path,
    raw_path,
    template_path,
    transform_path,
    write_dataset_description,
    write_raw_description,
)

SPACE = "MNI152NLin2009cSym"
SCANS = [ScanId("sub-01", "ses-M00"), ScanId("sub-02")]


# What the validator asks of a map's sidecar, as `crosswarp.preprocessing` writes it.
SIDECAR = '{"SkullStripped": true, "Resolution": "2 mm isotropic"}\n'


def write_image(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Values that do not compress to nothing, in a valid header.
    values = np.arange(4**3, dtype=np.float32).reshape(4, 4, 4)
    image = nib.Nifti1Image(values, np.eye(4))
    image.set_qform(np.eye(4), 1)
    image.header.set_xyzt_units("mm", "sec")
    nib.save(image, path)


def maps(root: Path, scan: ScanId) -> list[Path]:
    """All images of one scan."""
    return [
        derivative_path(root, scan, space=SPACE, res=2, desc="preproc"),
        derivative_path(root, scan, space=SPACE, res=2, desc="logjacobian"),
        derivative_path(root, scan, space=SPACE, res=2, desc="brain", suffix="mask"),
        transform_path(root, scan, space=SPACE, extension=".nii.gz"),
    ]


def errors_of_validator(root: Path) -> list[tuple[str, str]]:
    run = subprocess.run(
        ["bids-validator-deno", "--json", "--ignoreNiftiHeaders", str(root)],
        capture_output=True,
        text=True,
        check=False,
    )
    issues = json.loads(run.stdout)["issues"]["issues"]
    return [
        (issue["code"], issue.get("location", ""))
        for issue in issues
        if issue["severity"] == "error"
    ]


@pytest.mark.parametrize("scan", SCANS, ids=lambda scan: scan.label)
def test_names_follow_the_scan(tmp_path: Path, scan: ScanId) -> None:
    paths = [*maps(tmp_path, scan), figure_path(tmp_path, scan, "qc")]
    assert len(set(paths)) == len(paths)
    assert all(ScanId.parse(path.name) == scan for path in paths)


def test_names_are_those_of_the_contract() -> None:
    names = [p.as_posix() for p in maps(Path("out"), SCANS[0])]
    stem = "out/sub-01/ses-M00/anat/sub-01_ses-M00_"
    assert names == [
        f"{stem}space-{SPACE}_res-2_desc-preproc_T1w.nii.gz",
        f"{stem}space-{SPACE}_res-2_desc-logjacobian_T1w.nii.gz",
        f"{stem}space-{SPACE}_res-2_desc-brain_mask.nii.gz",
        f"{stem}from-T1w_to-{SPACE}_mode-image_xfm.nii.gz",
    ]
    figures = "out/sub-01/figures/sub-01_ses-M00_"
    named = figure_path(Path("out"), SCANS[0], "qc", (SPACE, 2))
    assert named.as_posix() == f"{figures}space-{SPACE}_res-2_desc-qc_T1w.png"
    before = figure_path(Path("out"), SCANS[0], "qc")
    assert before.as_posix() == f"{figures}desc-qc_T1w.png"
    path = transform_path(Path("out"), SCANS[0], space=SPACE, extension=".txt", res=2)
    assert path.as_posix() == f"{stem}res-2_from-T1w_to-{SPACE}_mode-image_xfm.txt"


def test_a_raw_name_is_found(tmp_path: Path) -> None:
    for scan in SCANS:
        write_image(raw_path(tmp_path, scan))
    assert [raw.scan for raw in find_scans(tmp_path).scans] == SCANS


def test_the_way_to_the_raw_data_can_be_moved(tmp_path: Path) -> None:
    write_dataset_description(tmp_path / "a/out", "x", raw=tmp_path / "a/raw")
    text = (tmp_path / "a/out/dataset_description.json").read_text()
    assert json.loads(text)["DatasetLinks"] == {"raw": "../raw"}
    assert str(tmp_path) not in text


@pytest.mark.slow
def test_the_validator_takes_our_derivatives(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_dataset_description(out, "Derivatives", raw=tmp_path / "raw")
    for scan in SCANS:
        for path in maps(out, scan):
            write_image(path)
            path.with_name(path.name.replace(".nii.gz", ".json")).write_text(SIDECAR)
        affine = transform_path(out, scan, space=SPACE, extension=".txt", res=2)
        affine.write_text("1 0 0 0\n")
        picture = figure_path(out, scan, "qc", (SPACE, 2))
        picture.parent.mkdir(exist_ok=True)
        picture.write_bytes(b"png")
    write_image(template_path(out, space=SPACE, res=2, desc="brain", suffix="mask"))
    (out / "ledger.tsv").write_text("participant_id\nsub-01\n")
    assert errors_of_validator(out) == []


@pytest.mark.slow
def test_the_validator_takes_our_raw_data_sets(tmp_path: Path) -> None:
    write_raw_description(tmp_path, "Virtual participants")
    for scan in SCANS:
        write_image(raw_path(tmp_path, scan))
    assert errors_of_validator(tmp_path) == []


@pytest.mark.slow
def test_the_validator_would_say_if_a_name_were_wrong(tmp_path: Path) -> None:
    write_dataset_description(tmp_path, "Derivatives")
    path = derivative_path(tmp_path, SCANS[1], space=SPACE, res=2, desc="x")
    write_image(path.with_name(path.name.replace("T1w", "logjacobian")))
    assert {code for code, _ in errors_of_validator(tmp_path)} & {
        "NOT_INCLUDED",
        "ALL_FILENAME_RULES_HAVE_ISSUES",
    }
