"""What the machine does to a run: a full disk, a killed worker; and going on."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table
from crosswarp.preprocessing.cohort import preprocess_cohort
from crosswarp.preprocessing.scan import map_path
from tests.preprocessed import FAST, Preprocessed

pytestmark = [pytest.mark.slow, pytest.mark.registration]

GOOD = ScanId("sub-good")

LIMITED = (
    "import resource, sys; limit = int(sys.argv.pop(1));"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit));"
    "from crosswarp.cli.main import main; main()"
)
"""The program on a machine where no file may grow over a size."""


def run_limited(limit: int, raw: Path, out: Path) -> subprocess.CompletedProcess[str]:
    options = ["--resolution", "2", "--registration", "greedy", "--quiet"]
    options += ["--participant-label", "good"]
    return subprocess.run(
        [
            sys.executable,
            "-c",
            LIMITED,
            str(limit),
            "preprocess",
            str(raw),
            str(out),
            *options,
        ],
        capture_output=True,
        text=True,
        check=False,
        # Coverage's own data file would grow over the limit as well.
        env={k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")},
    )


def status(out: Path, participant: str = "sub-good") -> str:
    table = read_table(out / "ledger.tsv").set_index("participant_id")
    return str(table.loc[participant, "status"])


def kill_a_worker() -> None:
    """End the first child of the fork server that has worked for a moment."""
    this = psutil.Process()
    for _ in range(600):
        for process in this.children(recursive=True):
            try:
                grown = process.memory_info().rss
                if process.ppid() != this.pid and process.cpu_times().user > 1:
                    assert grown
                    process.send_signal(signal.SIGKILL)
                    return
            except psutil.Error:
                continue
        time.sleep(0.05)


def test_disk_full_then_killed_then_done(
    preprocessed: Preprocessed, tmp_path: Path
) -> None:
    out = tmp_path / "sorties à part"
    shutil.copytree(preprocessed.out, out)
    shutil.rmtree(out / "sub-good")
    others = status(out, "sub-cut")

    full = run_limited(2_000_000, preprocessed.raw, out)
    assert full.returncode == 1
    assert "a file grew over the limit" in full.stderr
    assert full.stderr.count("\n") == 1
    assert status(out) == "disk"
    assert not list(out.rglob("*.part-*"))
    assert not map_path(out, GOOD, 2, "logjacobian", ".json").exists()

    found = find_scans(preprocessed.raw, participants=["good"])
    killer = threading.Thread(target=kill_a_worker)
    killer.start()
    ledger = preprocess_cohort(found, out, FAST)
    killer.join()
    row = ledger.set_index("participant_id").loc["sub-good"]
    assert row["status"] == "crash"
    assert "SIGKILL" in row["reason"]

    ledger = preprocess_cohort(found, out, FAST)
    assert status(out) == "ok"
    assert status(out, "sub-cut") == others == "failed"
    first, second = (
        map_path(folder, GOOD, 2, "logjacobian").read_bytes()
        for folder in (preprocessed.out, out)
    )
    assert first == second


def test_a_disk_too_full_to_begin_is_one_line(
    preprocessed: Preprocessed, tmp_path: Path
) -> None:
    done = run_limited(20_000, preprocessed.raw, tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert "give the same command again" in done.stderr
    assert not list((tmp_path / "out").rglob("*.nii.gz"))
