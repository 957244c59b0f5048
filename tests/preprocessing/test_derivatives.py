"""Derivatives of fMRIPrep give the same kind of maps as our own chain."""

import json
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK
from typer.testing import CliRunner

import crosswarp
from crosswarp.bids.ledger import read_ledger
from crosswarp.cli.main import app
from crosswarp.errors import InputError, ScanError
from crosswarp.inputs.scan_files import Derivatives
from crosswarp.preprocessing.derivatives import (
    derivatives_settings,
    maps_from_derivatives,
)
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.readers.reading import read_t1w
from crosswarp.registration.build import build_backend
from crosswarp.registration.resampling import grid_points
from crosswarp.registration.settings import GreedySettings
from crosswarp.registration.template import load_template
from tests.nipreps import SPACE, TO_SCAN, log_determinant, write_derivatives

SETTINGS = derivatives_settings(PreprocessSettings(resolution=2), "fMRIPrep 23.2.1")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, Path, str]:
    """The derivatives of a program, the maps of these, and what was printed."""
    root = tmp_path_factory.mktemp("nipreps")
    anat = write_derivatives(root / "fmriprep")
    shutil.copytree(anat.parent, root / "fmriprep" / "sub-02")
    for path in (root / "fmriprep" / "sub-02" / "anat").iterdir():
        path.rename(path.with_name(path.name.replace("sub-01", "sub-02")))
    lost = root / "fmriprep" / "sub-02" / "anat" / "sub-02_desc-brain_mask.nii.gz"
    lost.unlink()
    words = ["--from-derivatives", "fmriprep", "maps", "--resolution", "2"]
    words[1:3] = [str(root / word) for word in words[1:3]]
    done = CliRunner().invoke(app, ["preprocess", *words])
    return root / "fmriprep", root / "maps", str(done.exception or done.output)


def test_the_maps_are_those_of_the_registration(made) -> None:
    _, maps, said = made
    assert "1 of 2 scans failed" in said
    assert "no sub-02_desc-brain_mask.nii.gz beside" in said
    read = crosswarp.read_maps(maps, "sub-01", resolution=2)
    template = load_template(2)
    truth = log_determinant(grid_points(template.brain.extent, template.brain.affine))
    apart = (read.jsm.values - truth)[template.mask]
    # Differences over 4 mm of a bell 14 mm wide.
    assert np.abs(apart).max() < 0.03
    assert truth.min() < -0.3
    alike = np.corrcoef(
        read.t1w.values[template.mask], template.brain.values[template.mask]
    )
    assert alike[0, 1] > 0.9
    (affine,) = (maps / "sub-01" / "anat").glob("*_xfm.txt")
    np.testing.assert_allclose(np.loadtxt(affine), TO_SCAN, atol=1e-5)


def test_later_stages_find_them_and_what_made_them(made) -> None:
    _, maps, _ = made
    ledger = read_ledger(maps / "ledger.tsv", SPACE, 2)
    assert dict(zip(ledger["participant_id"], ledger["status"], strict=True)) == {
        "sub-01": "ok",
        "sub-02": "failed",
    }
    row = ledger[ledger["participant_id"] == "sub-01"].iloc[0]
    assert row["brain_mask"] == "derivatives"
    assert row["notes"].endswith("registration are of fMRIPrep 23.2.1")
    record = crosswarp.read_maps(maps, "sub-01").paths["jsm"]
    said = json.loads(record.with_suffix("").with_suffix(".json").read_text())
    assert said["Settings"]["registration"]["made_by"] == "fMRIPrep 23.2.1"
    assert [source.rpartition("_")[2] for source in said["Sources"]] == [
        "T1w.nii.gz",
        "mask.nii.gz",
        "xfm.h5",
    ]
    assert Derivatives(maps, SPACE, 2)


def test_the_same_call_resumes_and_other_options_are_refused(made) -> None:
    derivatives, maps, _ = made
    call = {"participants": ["01"], "resolution": 2, "from_derivatives": True}
    ledger = crosswarp.preprocess(derivatives, maps, **call)
    assert ledger["status"].tolist() == ["ok", "failed"]
    with pytest.raises(InputError, match="leave `registration`, `brain_mask`"):
        crosswarp.preprocess(derivatives, maps, **call, registration="greedy")
    with pytest.raises(InputError, match="holds maps of crosswarp already"):
        crosswarp.preprocess(maps, maps / "other", from_derivatives=True)


def test_a_raw_scan_cannot_be_made_alike() -> None:
    with pytest.raises(InputError, match=r"that fMRIPrep 23\.2\.1 has registered"):
        build_backend(SETTINGS.registration)


def files(derivatives: Path) -> tuple[Path, Path, Path]:
    anat = derivatives / "sub-01" / "anat"
    (xfm,) = anat.glob("*.h5")
    image, mask = (
        anat / f"sub-01_desc-{name}.nii.gz" for name in ("preproc_T1w", "brain_mask")
    )
    return image, mask, xfm


def transformed(path: Path, *parts: SimpleITK.Transform) -> Path:
    both = SimpleITK.CompositeTransform(3)
    for part in parts:
        both.AddTransform(part)
    SimpleITK.WriteTransform(both, str(path))
    return path


def test_transforms_of_another_space_or_kind(made, tmp_path) -> None:
    image, mask, xfm = files(made[0])
    scan = read_t1w(image)
    whole = SimpleITK.CompositeTransform(SimpleITK.ReadTransform(str(xfm)))
    affine, warp = (whole.GetNthTransform(n) for n in range(2))
    away = SimpleITK.TranslationTransform(3, (90.0, 90.0, 0.0))
    large = SimpleITK.ScaleTransform(3, (3.0, 3.0, 3.0))
    nonsense = tmp_path / "x.h5"
    nonsense.write_bytes(b"nothing")
    for given, says in (
        (transformed(tmp_path / "a.h5", affine), "is an affine alone"),
        (transformed(tmp_path / "b.h5", affine, warp, away), "for another space or"),
        (transformed(tmp_path / "c.h5", large, warp), "stretches by 3.00, 3.00, 3.00"),
        (nonsense, "ITK cannot read it"),
    ):
        with pytest.raises(ScanError, match=says):
            maps_from_derivatives(scan, (mask, given), SETTINGS)


def test_a_mask_on_another_grid(made, tmp_path) -> None:
    image, mask, xfm = files(made[0])
    stored = nib.load(mask)
    cut = tmp_path / "mask.nii.gz"
    nib.save(nib.Nifti1Image(np.asarray(stored.dataobj)[1:], stored.affine), cut)
    with pytest.raises(ScanError, match="another grid than its T1w image"):
        maps_from_derivatives(read_t1w(image), (cut, xfm), SETTINGS)


def test_settings_that_were_chosen_are_not_dropped() -> None:
    chosen = PreprocessSettings(registration=GreedySettings())
    with pytest.raises(InputError, match="takes mask and registration as they are"):
        derivatives_settings(chosen, "fMRIPrep 23.2.1")
