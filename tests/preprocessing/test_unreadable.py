"""A cohort with files that the system does not give: a row each, the others go on."""

import errno
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.tables import read_table
from crosswarp.errors import ScanError, StorageError
from crosswarp.execution.engine import Hear, hear_nothing
from crosswarp.execution.isolated import Outcome
from crosswarp.execution.work import Work
from crosswarp.files import write_json
from crosswarp.preprocessing.cohort import preprocess_cohort
from crosswarp.preprocessing.scan import (
    ScanRequest,
    ScanResult,
    preprocess_scan,
)
from tests.preprocessed import FAST, raw_t1w


@dataclass
class Answers:
    """An engine that does nothing, and says that all went well."""

    asked: list[ScanRequest] = field(default_factory=list)

    def run(
        self,
        work: Work,
        pieces: Mapping[str, Any],
        *,
        logs: Path,
        on_done: Callable[[str, Outcome], None],
        on_news: Hear = hear_nothing,
    ) -> dict[str, Outcome]:
        del work, logs, on_news
        result = ScanResult({}, "deepbet", notes=("10 bytes after the voxels",))
        for name, request in pieces.items():
            self.asked.append(request)
            on_done(name, Outcome("ok", result, "", 1.0, 1.0))
        return {}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    for name in ("sub-01", "sub-02", "sub-03"):
        path = raw_t1w(tmp_path / "raw", name)
        path.parent.mkdir(parents=True)
        path.write_bytes(name.encode())
    return tmp_path / "raw"


def refuse_to_open(monkeypatch: pytest.MonkeyPatch, start: str, number: int) -> None:
    """Have the system refuse some files, whoever asks (root may read all)."""
    as_before = Path.open

    def open_(self: Path, *args: Any, **named: Any) -> Any:
        if self.name.startswith(start):
            raise OSError(number, os.strerror(number), str(self))
        return as_before(self, *args, **named)

    monkeypatch.setattr(Path, "open", open_)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EACCES, "sub-02_T1w.nii.gz cannot be read: no permission to read it"),
        (errno.EIO, "sub-02_T1w.nii.gz cannot be read: the disk or network gave"),
        (errno.ENOENT, "no scan at sub-02_T1w.nii.gz"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_row(
    raw: Path, tmp_path: Path, number: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_to_open(monkeypatch, "sub-02", number)
    engine, out = Answers(), tmp_path / "out"
    preprocess_cohort(find_scans(raw), out, FAST, engine=engine)
    rows = read_table(out / "ledger.tsv").set_index("participant_id")
    assert rows["status"].to_dict() == {
        "sub-01": "ok",
        "sub-02": "machine",
        "sub-03": "ok",
    }
    assert reason in rows.loc["sub-02", "reason"]
    assert str(tmp_path) not in rows.loc["sub-02", "reason"]
    assert [request.scan.participant_id for request in engine.asked] == [
        "sub-01",
        "sub-03",
    ]
    assert rows.loc["sub-01", "notes"] == "10 bytes after the voxels"
    # Once it can be read, it is done, and the others are not done again.
    monkeypatch.undo()
    again = Answers()
    preprocess_cohort(find_scans(raw), out, FAST, engine=again)
    assert "sub-02" in [request.scan.participant_id for request in again.asked]


def test_a_file_that_vanishes_after_its_digest_is_refused_in_its_process(
    raw: Path, tmp_path: Path
) -> None:
    engine = Answers()
    preprocess_cohort(find_scans(raw), tmp_path / "out", FAST, engine=engine)
    engine.asked[0].path.unlink()
    with pytest.raises(ScanError, match=r"^no scan at sub-01_T1w\.nii\.gz$"):
        preprocess_scan(engine.asked[0])


def test_a_folder_that_cannot_be_written_is_no_scans_fault(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_to_open(monkeypatch, ".part-", errno.EACCES)
    with pytest.raises(StorageError, match="out: no permission to write"):
        preprocess_cohort(find_scans(raw), tmp_path / "out", FAST, engine=Answers())


def test_a_name_of_another_encoding_is_written_everywhere(tmp_path: Path) -> None:
    anat = tmp_path / "raw/sub-01/anat"
    anat.mkdir(parents=True)
    named = anat / os.fsdecode(b"sub-01_acq-caf\xe9_T1w.nii.gz")
    try:
        named.write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 alone")
    twice = tmp_path / "raw/sub-02/anat"
    twice.mkdir(parents=True)
    for run in (b"1", b"2\xff"):
        (twice / os.fsdecode(b"sub-02_run-" + run + b"_T1w.nii")).write_bytes(b"x")
    engine, out = Answers(), tmp_path / "out"
    preprocess_cohort(find_scans(tmp_path / "raw"), out, FAST, engine=engine)
    rows = read_table(out / "ledger.tsv").set_index("participant_id")
    assert r"sub-02_run-2\xff_T1w.nii" in rows.loc["sub-02", "reason"]
    [request] = engine.asked
    write_json(tmp_path / "sidecar.json", {"Sources": [request.source]})
    stored = json.loads((tmp_path / "sidecar.json").read_text("utf-8"))
    assert stored["Sources"] == [r"bids:raw:sub-01/anat/sub-01_acq-caf\xe9_T1w.nii.gz"]
    with pytest.raises(ScanError, match="not a NIfTI file"):
        preprocess_scan(request)
