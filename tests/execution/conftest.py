"""A real Dask scheduler and real workers, each a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

WAIT_SECONDS = 30.0


def until(condition: Callable[[], bool]) -> bool:
    """Whether it comes true within half a minute."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def end_tree(process: subprocess.Popen[bytes]) -> None:
    """As when a machine is switched off: a worker and its nanny end at once."""
    above = psutil.Process(process.pid)
    for each in (above, *above.children()):
        each.kill()
    process.wait(WAIT_SECONDS)


class DaskProcesses:
    """A scheduler and two workers, as a person starts them: with and without nanny."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.file = folder / "scheduler.json"
        self._folder = folder
        self._settings = settings
        self.scheduler = self._start("scheduler", "--port", "0")
        assert until(self.file.is_file)
        self.workers = [self.add_worker("--no-nanny"), self.add_worker("--nanny")]

    def add_worker(self, nanny: str) -> subprocess.Popen[bytes]:
        words = ("--nthreads", "1", "--memory-limit", "0", "--local-directory", ".")
        return self._start("worker", *words, nanny)

    def _start(self, kind: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", kind, "--host", "127.0.0.1"]
        command += ["--no-dashboard", "--scheduler-file", str(self.file), *words]
        with (self._folder / f"{kind}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self._folder,
                stdout=log,
                stderr=log,
                env={**os.environ, **self._settings},
            )

    def end(self) -> None:
        # Told to end when it is ending already, a worker of Dask may hang.
        for process in (*self.workers, self.scheduler):
            if process.poll() is None:
                end_tree(process)


@contextmanager
def dask_processes(folder: Path, **settings: str) -> Iterator[DaskProcesses]:
    processes = DaskProcesses(folder, **settings)
    try:
        yield processes
    finally:
        processes.end()


@pytest.fixture(scope="module")
def dask_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskProcesses]:
    """A cluster that no test harms."""
    with dask_processes(tmp_path_factory.mktemp("dask")) as processes:
        yield processes
