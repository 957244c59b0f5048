"""One scan, whatever it is stored as: found, read, and answered as one."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

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
from tests.analyze_pairs import write_analyze
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


def pair(root: Path, ending: str = ".img") -> Path:
    return write_analyze(root, "p7").with_suffix(ending)


def header_of_pair(root: Path) -> Path:
    return pair(root, ".hdr")


def folder_of_pair(root: Path) -> Path:
    (root / "p7").mkdir()
    return pair(root / "p7").parent


KINDS = [dicom_folder, dicom_zip, nifti_zip, pair, header_of_pair, folder_of_pair]


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
    assert json.loads(result.stdout)["participant_id"] == "sub-p7"
    assert read_answers(out)["networks"].tolist() == [1]
    assert not (out / COHORT_PREDICTION).exists()


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
