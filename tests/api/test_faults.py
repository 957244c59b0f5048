"""What users may get wrong: messages that speak of arguments."""

import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

import crosswarp
from crosswarp.bids.ids import ScanId
from crosswarp.errors import InputError, MissingDerivativeError, OccupiedError
from tests.tiny_maps import map_path, write_map

pytestmark = pytest.mark.slow  # the study of the examples takes its time


def test_maps_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingDerivativeError, match=r"make them with preprocess\(\)"):
        crosswarp.read_maps(tmp_path, "01")
    scan = ScanId("sub-01", "ses-2")
    for desc in ("preproc", "logjacobian"):
        write_map(map_path(tmp_path, scan, desc), np.zeros((4, 5, 6)))
    with pytest.raises(MissingDerivativeError, match="participants there are sub-01"):
        crosswarp.read_maps(tmp_path, "02")
    with pytest.raises(MissingDerivativeError, match="sessions are ses-2: give `sess"):
        crosswarp.read_maps(tmp_path, "sub-01")
    with pytest.raises(MissingDerivativeError, match=r"at 1 mm.*; see its row in"):
        crosswarp.read_maps(tmp_path, "sub-01", "2", resolution=1)
    maps = crosswarp.read_maps(str(tmp_path), "01", "ses-2")
    assert (maps.session_id, maps.t1w.extent) == ("ses-2", (4, 5, 6))
    for path in list(tmp_path.rglob("*_res-2_*")):
        shutil.copy(path, path.with_name(path.name.replace("_res-2_", "_res-1_")))
    with pytest.raises(InputError, match="at 1 and 2 mm; choose a `resolution`"):
        crosswarp.read_maps(tmp_path, "01", "2")


def test_images_that_cannot_be_registered(tmp_path: Path) -> None:
    flat = nib.Nifti1Image(np.zeros((4, 4), np.float32), np.eye(4))
    with pytest.raises(InputError, match=r"participant: expected .* image with 2 axes"):
        crosswarp.register(np_image(), flat)
    with pytest.raises(InputError, match=r"template: expected .*, got ndarray"):
        crosswarp.register(np.zeros((4, 4, 4)), np_image())
    with pytest.raises(InputError, match="did you mean greedy"):
        crosswarp.register(np_image(), np_image(), "gredy")
    nib.save(
        nib.Nifti1Image(np.zeros((4, 4, 4, 2), np.float32), np.eye(4)),
        tmp_path / "a.nii",
    )
    with pytest.raises(InputError, match=r"three axes, .* has 4"):
        crosswarp.register(tmp_path / "a.nii", np_image())


def np_image() -> nib.Nifti1Image:
    return nib.Nifti1Image(np.ones((4, 4, 4), np.float32), np.eye(4))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"resolutoin": 2}, "no argument resolutoin; did you mean resolution"),
        ({"zzz": 2}, "no argument zzz; known: resolution"),
        (
            {"resolution": 3},
            r"\(\): resolution: Input should be 1 or 2, got 3",
        ),
        ({"registration": "gredy"}, "did you mean greedy"),
        ({"dicom_series": ["a=b=c"]}, "`dicom_series='a=b=c'`"),
        ({"template": ("a.nii", "b.nii", "MNI")}, r"no file at a\.nii"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_settings_of_preprocessing(tmp_path: Path, settings, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        crosswarp.preprocess(tmp_path, tmp_path / "out", **settings)


def test_maps_made_with_other_settings_are_kept(example_study: Path) -> None:
    raw, out = example_study / "bids", example_study / "maps"
    with pytest.raises(OccupiedError, match=r"`registration='ants'`.*`redo=True`"):
        crosswarp.preprocess(raw, out, resolution=2, registration="ants")


def test_virtual_participants(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected heads or maps, got 'brains'"):
        crosswarp.simulate(tmp_path / "a", what="brains")
    with pytest.raises(InputError, match=r"simulate\(\): participants: .* got 0"):
        crosswarp.simulate(tmp_path / "a", 0, what="maps")
    with pytest.raises(InputError, match="no preset 'esy'"):
        crosswarp.simulate(tmp_path / "a", 2, preset="esy")
    first = crosswarp.simulate(tmp_path / "a", 1, what="maps")
    more = crosswarp.simulate(tmp_path / "a", 2, what="maps")
    pd.testing.assert_frame_equal(first, more.head(1))
    with pytest.raises(OccupiedError, match="holds virtual maps of seed 0"):
        crosswarp.simulate(tmp_path / "a", 2, what="maps", seed=1)


def test_folds_are_not_written_over(example_study: Path, tmp_path: Path) -> None:
    cohort, out = (
        crosswarp.read_cohort(example_study / "cohort.tsv"),
        tmp_path / "f.tsv",
    )
    first = crosswarp.make_folds(cohort, folds=2, out=out)
    pd.testing.assert_frame_equal(first, crosswarp.make_folds(cohort, folds=2, out=out))
    with pytest.raises(OccupiedError, match="give `overwrite=True` to replace it"):
        crosswarp.make_folds(cohort, folds=2, seed=3, out=out)
    crosswarp.make_folds(cohort, folds=2, seed=3, out=out, overwrite=True)
    with pytest.raises(InputError, match=r"\(`drop`\), or merge it .* \(`mapping`\)"):
        crosswarp.make_folds(cohort, folds=50)


def test_runs(example_study: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a run"):
        crosswarp.open_run(tmp_path)
    run = crosswarp.open_run(example_study / "run")
    assert repr(run) == f"Run({str(example_study / 'run')!r})"
    assert run.tasks == {}
    volumes = ["hippocampal_ventricular_volume", "hippocampal_volume"]
    assert run.models == ["jsm", "t1w", *volumes]
    assert set(run.predictions["model"]) == set(run.models)
    with pytest.raises(InputError, match=r"figure: expected one of roc, .* got 'rok'"):
        run.plot("rok")
    with pytest.raises(InputError, match="at least 100 resamples, got 5"):
        run.evaluate(resamples=5)
    assert run.evaluate("t1w", resamples=100).comparisons["reference"][0] == "t1w"
    run.evaluate(resamples=100)
    shutil.copytree(example_study / "run", tmp_path / "runs" / "CN-AD")
    several = crosswarp.open_run(tmp_path / "runs")
    assert several.tasks["CN-AD"].models == ["jsm", "t1w", *volumes]
    with pytest.raises(InputError, match=r"tasks CN-AD; open one: .*\['CN-AD'\]"):
        _ = several.metrics
    with pytest.raises(InputError, match="has the tasks CN-AD; give the folder of one"):
        crosswarp.explain(tmp_path / "runs")
    with pytest.raises(InputError, match="no model zzz"):
        crosswarp.explain(example_study / "run", models=["zzz"])


def test_explanations(example_study: Path) -> None:
    found = crosswarp.explain(example_study / "run", models=["jsm"])
    assert found.maps("jsm")["jsm"].extent == (97, 115, 97)
    with pytest.raises(InputError, match="t1w was not explained; jsm were"):
        found.maps("t1w")
    with pytest.raises(InputError, match="name: expected one of jsm, t1w, got 'brain'"):
        found.plot("brain")
    with pytest.raises(MissingDerivativeError, match="no attribution of the T1w image"):
        found.plot("t1w")


def test_a_prediction_says_what_it_is_not(example_study: Path) -> None:
    scan = example_study / "bids/sub-001/anat/sub-001_T1w.nii.gz"
    found = crosswarp.predict(example_study / "bundle", scan, example_study / "maps")
    with pytest.raises(InputError, match="needs both `template` and `template_mask`"):
        crosswarp.predict("bundle", scan, "out", template="own.nii")
    assert found.decision in {"CN", "AD"}
    assert found.quality.startswith("quality control: ")
    assert "not a medical device" in " ".join(found.notes)
    assert found.maps.participant_id == "sub-001"
    assert "not a medical device" in found.page.read_text("utf-8")
