"""What the machine does to the reading of DICOM is not the series' fault."""

import errno
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosswarp.errors import MachineError, MissingPackageError, ScanError, StorageError
from crosswarp.execution.temporary import base_folder
from crosswarp.machine import machine_status
from crosswarp.readers.dicom import read as module
from crosswarp.readers.source import read_source, source_digest
from crosswarp.types.arrays import SpatialMap
from tests.dicom_series import write_series


@pytest.fixture
def series(tmp_path: Path) -> Path:
    values = np.random.default_rng(0).integers(0, 900, (60, 60, 60)).astype(np.int16)
    head = SpatialMap(values.astype(np.float32), np.diag([3.0, 3.0, 3.0, 1.0]))
    write_series(tmp_path / "dicom", head)
    return tmp_path / "dicom"


def instead(monkeypatch: pytest.MonkeyPatch, *program: str) -> None:
    """Have another program in the place of dcm2niix."""
    monkeypatch.setattr(module, "_program", lambda: list(program))


def test_a_program_that_is_not_there(
    series: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, "/no/where/dcm2niix")
    with pytest.raises(MissingPackageError, match="cannot be started") as caught:
        read_source(series)
    assert machine_status(caught.value) == "machine"


def test_a_program_that_is_killed(
    series: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill = "import os; os.kill(os.getpid(), 9)"
    instead(monkeypatch, sys.executable, "-I", "-S", "-c", kill)
    with pytest.raises(MachineError, match="ended by signal 9"):
        read_source(series)


def test_a_program_without_room(series: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "false")
    with pytest.raises(ScanError, match="exit code 1") as caught:
        read_source(series)
    assert machine_status(caught.value) is None
    full = shutil.disk_usage(series)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(StorageError, match="the temporary folder has 0 MB free"):
        read_source(series)
    assert not [p for p in base_folder().iterdir() if "dicom" in p.name]


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.ESTALE])
def test_a_file_that_cannot_be_read_is_not_passed_over(
    series: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it a slice would be missing, which is the scan's own fault."""
    before = Path.open
    left = sorted(series.iterdir())[30]
    times = iter([False])

    def open_(self: Path, *args: Any, **named: Any) -> Any:
        # It can be read at first.
        if self == left and next(times, True):
            raise OSError(number, os.strerror(number), str(self))
        return before(self, *args, **named)

    monkeypatch.setattr(Path, "open", open_)
    with pytest.raises(ScanError, match="cannot be read") as caught:
        read_source(series)
    assert machine_status(caught.value) == "machine"


def test_a_folder_of_an_examination_that_cannot_be_read(
    series: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = series / "more"
    more.mkdir()
    before = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path) == more:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return before(path)

    whole = source_digest(series)
    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(ScanError, match="no permission") as caught:
        source_digest(series)
    assert machine_status(caught.value) == "machine"
    monkeypatch.undo()
    assert source_digest(series) == whole
