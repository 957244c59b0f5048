"""One scan, whatever it is stored as: found, read, and answered as one."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from crosswarp.bids.series import SeriesChoice
from crosswarp.cli.main import app
from crosswarp.errors import InputError
from crosswarp.execution.work import Work
from crosswarp.files import write_json
from crosswarp.prediction.answers import read_answers
from crosswarp.prediction.scan_place import find_one, holds_one_scan
from crosswarp.preprocessing import cohort
from crosswarp.preprocessing.plan import CohortPlan
from crosswarp.preprocessing.request import ScanRequest
from crosswarp.preprocessing.scan import ScanResult
from crosswarp.readers.source import read_source
from crosswarp.study.names import COHORT_PREDICTION, DESCRIPTION
from crosswarp.types.arrays import SpatialMap
from tests.analyze_pairs import NAME, write_analyze
from tests.dicom_series import Protocol, write_series
from tests.heads import write_head
from tests.made_maps import Here, write_scans
from tests.prediction.test_own_settings import (
    bundle,
    make_real_maps,
    settings,
    template,
)

__all__ = ["bundle", "settings", "template"]

VALUES = np.random.default_rng(0).integers(0, 900, (30, 30, 60)).astype(np.int16)
VOLUME = SpatialMap(VALUES.astype(float), np.diag([4.0, 4.0, 2.0, 1.0]))


def dicom_folder(root: Path) -> Path:
    write_series(root / "p7" / "t1", VOLUME)
    return root / "p7"


def dicom_zip(root: Path) -> Path:
    folder = dicom_folder(root)
    with zipfile.ZipFile(root / "p7.zip", "w") as archive:
        for path in folder.rglob("*.dcm"):
            archive.write(path, path.relative_to(root).as_posix())
    shutil.rmtree(folder)
    return root / "p7.zip"


def nifti_zip(root: Path) -> Path:
    """An archive that holds an image which its name says is no T1w."""
    path = write_head(root / "a.nii", VALUES, VOLUME.affine)
    with zipfile.ZipFile(root / "p7.zip", "w") as archive:
        archive.write(path, "sub-p7/sub-p7_T1w.nii")
        archive.write(path, "sub-p7/sub-p7_T2w.nii")
    return root / "p7.zip"


def pair(root: Path) -> Path:
    nib.save(nib.Nifti1Pair(VALUES, VOLUME.affine), root / "p7.img")
    return root / "p7.img"


def folder_of_analyze(root: Path) -> Path:
    """As OASIS-1 stores it, whose orientation is known."""
    (root / "p7").mkdir()
    return write_analyze(root / "p7").parent


KINDS = [dicom_folder, dicom_zip, nifti_zip, pair, folder_of_analyze]


def _make(request: ScanRequest) -> ScanResult:
    """Read the scan as preprocessing does; leave maps that are of nothing."""
    read = read_source(request.path, request.series, request.inside)
    assert np.ptp(read.scan.values) > 0
    return make_real_maps(request)


@pytest.fixture(autouse=True)
def _made(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(plan: CohortPlan, **_: object) -> pd.DataFrame:
        return cohort.run_plan(plan, work=Work(_make), engine=Here())

    monkeypatch.setattr("crosswarp.prediction.predict.run_plan", run)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_answered_as_one_scan(
    kind: Callable[[Path], Path], bundle: Callable[..., Path], tmp_path: Path
) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    words = [*("predict", bundle(), kind(raw), out), "--age", "70", "--json", "--quiet"]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    label = f"sub-{NAME.replace('_', '')}" if kind is folder_of_analyze else "sub-p7"
    assert json.loads(result.stdout)["participant_id"] == label
    assert read_answers(out)["networks"].tolist() == [1]
    assert not (out / COHORT_PREDICTION).exists()


def test_the_header_of_a_pair_stands_for_it(tmp_path: Path) -> None:
    image = pair(tmp_path)
    assert find_one(image.with_suffix(".hdr"), tmp_path / "out")[1].path == image


def test_the_series_of_an_examination_is_chosen(tmp_path: Path) -> None:
    folder = dicom_folder(tmp_path)
    write_series(folder / "again", VOLUME, Protocol(number=9))
    for name, series in (("p7", 9), ("p7", 4)):
        _, raw = find_one(tmp_path / name, tmp_path / "out", SeriesChoice(series))
        assert (raw.scan.label, raw.series) == ("sub-p7", series)
    assert holds_one_scan(folder, tmp_path / "out")


def test_a_cohort_is_not_one_scan(tmp_path: Path) -> None:
    out = tmp_path / "out"
    data_set = write_scans(tmp_path / "bids", "sub-01")
    assert not holds_one_scan(data_set, out)
    assert find_one(data_set, out)[1].scan.label == "sub-01"
    several = tmp_path / "several"
    several.mkdir()
    assert not holds_one_scan(several, out)
    for name in ("a", "b"):
        (several / f"sub-{name}_T1w.nii.gz").write_text(f"scan of {name}")
    assert not holds_one_scan(several, out)
    with pytest.raises(InputError, match="several holds 2 scans, sub-a, sub-b; pred"):
        find_one(several, out)
    (several / "sub-b_T1w.nii.gz").unlink()
    assert holds_one_scan(several, out)
    assert not holds_one_scan(several / "sub-a_T1w.nii.gz", out)


def test_finished_maps_are_for_the_whole_folder(tmp_path: Path) -> None:
    write_json(tmp_path / DESCRIPTION, {"DatasetType": "derivative"})
    assert not holds_one_scan(tmp_path, tmp_path / "out")
    with pytest.raises(InputError, match="holds finished maps"):
        find_one(tmp_path, tmp_path / "out")
