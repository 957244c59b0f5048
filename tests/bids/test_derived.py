"""What fMRIPrep left of each scan is found by its names."""

from pathlib import Path

import pytest

from crosswarp.bids.derived import find_derived, made_by
from crosswarp.errors import InputError
from tests.nipreps import write_description

SPACE = "MNI152NLin2009cSym"
ALL = ("desc-preproc_T1w.nii.gz", "desc-brain_mask.nii.gz")
XFM = f"from-T1w_to-{SPACE}_mode-image_xfm.h5"


def leave(root: Path, label: str, *names: str) -> None:
    folder = root.joinpath(*label.split("_"), "anat")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{label}_{name}").touch()


def test_scans_and_what_they_lack(tmp_path) -> None:
    other = XFM.replace(SPACE, "MNI152NLin6Asym")
    leave(tmp_path, "sub-01", *ALL, XFM, other, f"space-{SPACE}_{ALL[0]}")
    leave(tmp_path, "sub-02_ses-a", *ALL, XFM)
    leave(tmp_path, "sub-02_ses-b", *ALL, XFM, XFM.replace("from", "run-1_from"))
    leave(tmp_path, "sub-03", ALL[0], XFM)
    leave(tmp_path, "sub-04", *ALL, other)
    leave(tmp_path, "sub-05", *ALL)
    leave(tmp_path, "sub-06", *ALL, f"run-2_{ALL[0]}", XFM)
    leave(tmp_path, "sub-07")
    found = find_derived(tmp_path, SPACE)
    assert [raw.scan.label for raw in found.scans] == ["sub-01", "sub-02_ses-a"]
    mask, xfm = found.scans[0].given
    assert (mask.name, xfm.name) == (f"sub-01_{ALL[1]}", f"sub-01_{XFM}")
    said = {scan.label: why for scan, why in found.problems}
    assert said["sub-02_ses-b"].startswith("2 transforms from T1w to MNI152NLin2009c")
    assert said["sub-03"] == f"no sub-03_{ALL[1]} beside sub-03_{ALL[0]}"
    assert "but to MNI152NLin6Asym; add MNI152NLin2009cSym to" in said["sub-04"]
    assert "`space='MNI152NLin6Asym'`" in said["sub-04"]
    assert said["sub-05"].startswith("no transform from T1w to MNI152NLin2009cSym (")
    assert said["sub-06"].startswith("more than one T1w image")
    assert [text.partition(":")[0] for text in found.left_out] == ["sub-07"]
    (only,) = find_derived(tmp_path, SPACE, ["01"]).scans
    assert only.scan.label == "sub-01"
    with pytest.raises(InputError, match="expected sub-09 in"):
        find_derived(tmp_path, SPACE, ["sub-09"])


def test_the_program_is_named(tmp_path) -> None:
    root = tmp_path / "one"
    with pytest.raises(InputError, match="found none at"):
        made_by(root)
    write_description(root, Name="something")
    with pytest.raises(InputError, match="which program made it"):
        made_by(root)
    write_description(root, PipelineDescription={"Name": "fMRIPrep"})
    assert made_by(root) == "fMRIPrep"
    write_description(root, GeneratedBy=[{"Name": "sMRIPrep", "Version": "0.13.0"}])
    assert made_by(root) == "sMRIPrep 0.13.0"
    write_description(root, GeneratedBy=[{"Name": "crosswarp", "Version": "0.1.0"}])
    with pytest.raises(InputError, match="holds maps of crosswarp already"):
        made_by(root)
