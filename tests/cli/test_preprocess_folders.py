"""`crosswarp preprocess` on a folder with scans of several kinds: nothing is lost."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from crosswarp.bids.left_out import LEFT_OUT
from crosswarp.bids.tables import read_table
from crosswarp.types.arrays import SpatialMap
from tests.dicom_series import PERSON, Protocol, write_series

TINY = SpatialMap(np.zeros((2, 2, 2)), np.eye(4))


def preprocess(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crosswarp", "preprocess", *words, "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_every_person_has_a_row_and_every_other_file_a_reason(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    write_series(raw / "A/one", TINY, Protocol(number=3))
    write_series(raw / "B", TINY, Protocol(person={**PERSON, "PatientID": "other"}))
    (raw / "C").mkdir()
    (raw / "C/T1.nii").write_text("<html>")
    (raw / "notes.txt").touch()
    # The outputs may lie in what is read.
    out = raw / "A" / "out"
    done = preprocess(raw, out, "--dicom-series", "A=3")
    assert "left out: notes.txt: no NIfTI, zip or DICOM file" in done.stderr
    assert "3 of 3 scans failed" in done.stderr
    ledger = read_table(out / "ledger.tsv").set_index("participant_id")["reason"]
    assert "dicom_series_3.nii: every voxel is 0" in ledger["sub-A"]
    assert "series 4 (MR, 2 images" in ledger["sub-B"]
    assert "web page" in ledger["sub-C"]
    assert list(read_table(out / LEFT_OUT)["place"]) == ["notes.txt"]


def test_an_unknown_label_is_refused(tmp_path: Path) -> None:
    write_series(tmp_path / "A", TINY)
    done = preprocess(tmp_path / "A", tmp_path / "out", "--dicom-series", "sub-B=3")
    assert done.stderr.startswith("error: --dicom-series names sub-B, but the DICOM")
    assert not (tmp_path / "out").exists()
