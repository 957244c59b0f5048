"""`crosswarp compare` on a real scheduler: a worker is killed, then the command."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crosswarp.bids.tables import read_table
from crosswarp.execution.dask_engine import DaskEngine
from crosswarp.execution.dask_sites import RunningScheduler
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.progress import SilentProgress
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import read_experiment
from tests.execution.conftest import DaskProcesses, dask_processes, end_tree

pytestmark = pytest.mark.slow


class WorkerLoss(SilentProgress):
    """Kills a worker at the first news of a fold, when both have one."""

    def __init__(self, cluster: DaskProcesses) -> None:
        self._cluster = cluster
        self.heard: set[str] = set()

    def news(self, piece: str, text: str) -> None:
        assert text.startswith("epoch ")
        if not self.heard:
            end_tree(self._cluster.workers[0])
        self.heard.add(piece)


def command(experiment: Path, run: Path, scheduler: Path) -> list[str]:
    words = ["compare", experiment, run, "--engine", "dask", "--log-json"]
    words += ["--scheduler-file", scheduler]
    return [sys.executable, "-m", "crosswarp", *map(str, words)]


def test_the_same_bytes_though_a_worker_and_the_command_are_killed(tiny) -> None:
    path = tiny.write(training=tiny.training(epochs=8))
    here, there, killed = (tiny.folder / name for name in ("here", "there", "killed"))
    cross_validate(read_experiment(path), here, engine=LocalEngine(1))
    expected = (here / "predictions.tsv").read_bytes()
    with dask_processes(tiny.folder) as cluster:
        loss = WorkerLoss(cluster)
        engine = DaskEngine(RunningScheduler(file=cluster.file))
        cross_validate(read_experiment(path), there, engine=engine, progress=loss)
        assert cluster.workers[0].poll() == -signal.SIGKILL
        assert (there / "predictions.tsv").read_bytes() == expected
        assert read_table(there / "ledger.tsv")["status"].tolist() == ["ok", "ok"]
        assert len(loss.heard) == 2

        words = command(path, killed, cluster.file)
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as driver:
            assert driver.stdout is not None
            first = next(line for line in driver.stdout if '"news"' in line)
            driver.kill()
        assert "validation AUC" in json.loads(first)["text"]
        assert not (killed / "predictions.tsv").exists()
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1])["event"] == "message"
    assert (killed / "predictions.tsv").read_bytes() == expected
