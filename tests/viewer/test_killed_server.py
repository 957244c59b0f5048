"""A server that is killed while a job runs, and started again by the same command."""

import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import httpx
import psutil
import pytest

from crosswarp.files import UNFINISHED
from crosswarp.study.names import JOB
from crosswarp.viewer.jobs import LOST, OUT, RAW, JobStore
from tests.viewer.conftest import scan_bytes
from tests.viewer.held import BEGUN, MADE

ROOT = Path(__file__).parents[2]
SERVER = "from tests.viewer.held import main; main()"


class Place:
    """A folder of jobs and one for temporary files, and the command that serves."""

    def __init__(self, bundle: Path, folder: Path, temporary: Path) -> None:
        self.jobs, self.temporary = folder / "jobs", temporary
        self._words = [sys.executable, "-c", SERVER, "serve", str(bundle)]
        self._words += ["--port", "0", "--jobs", str(self.jobs)]
        self._log = folder / "log"
        path = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
        self._environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "200"}
        self._environment["TMPDIR"] = str(self.temporary)

    @contextmanager
    def served(self) -> Iterator[tuple[psutil.Popen, httpx.Client]]:
        with self._log.open("w") as log:
            server = psutil.Popen(
                self._words, stdout=log, stderr=log, env=self._environment
            )
        try:
            until(lambda: "open http" in self._said() or server.poll() is not None)
            found = re.search(r"open (http://127\.0\.0\.1:\d+/)", self._said())
            assert found is not None, self._said()
            with httpx.Client(base_url=found[1], timeout=60) as client:
                yield server, client
        finally:
            with suppress(psutil.NoSuchProcess):
                server.kill()
            server.wait()

    def heads(self) -> list[Path]:
        """Images in the temporary folder."""
        return list(self.temporary.rglob("*.nii*"))

    def check_products(self, *ids: str) -> None:
        """Hold what there is against what whole jobs leave: nothing else of a head."""
        made = {self.jobs / job_id / OUT / MADE for job_id in ids}
        assert set(self.jobs.rglob("*.nii*")) == made
        assert {path.read_bytes() for path in made} == {scan_bytes()}
        assert not list(self.jobs.rglob(f"{UNFINISHED}*"))
        assert not list(self.jobs.glob(f"*/{RAW}"))
        until(lambda: not list(self.temporary.iterdir()))

    def _said(self) -> str:
        return self._log.read_text(encoding="utf-8")


def until(holds: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def send(client: httpx.Client, name: str) -> str:
    answer = client.post("/api/jobs", params={"name": name}, content=scan_bytes())
    assert answer.status_code == 201, answer.text
    job: str = answer.json()["id"]
    return job


def send_half(client: httpx.Client) -> socket.socket:
    """Begin to send a scan, and leave the connection as it is."""
    host, port = client.base_url.host, client.base_url.port
    connection = socket.create_connection((host, port))
    head = f"POST /api/jobs?name=sub-3.nii HTTP/1.1\r\nHost: {host}:{port}\r\n"
    connection.sendall(f"{head}Content-Length: 100000\r\n\r\n".encode() + b"x" * 1000)
    return connection


@pytest.mark.slow
def test_a_killed_server_goes_on_or_tells(
    bundle: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # A short name: sockets are among the temporary files.
    place = Place(bundle, tmp_path, tmp_path_factory.mktemp("t"))
    with place.served() as (server, client):
        running = send(client, "sub-1.nii")
        until((place.jobs / running / BEGUN).exists)
        damaged, waiting = send(client, "sub-2.nii"), send(client, "sub-4.nii")
        with send_half(client):
            until(lambda: len(list(place.jobs.glob(f"*/{JOB}"))) == 4)
            assert place.heads()
            below = server.children(recursive=True)
            server.send_signal(signal.SIGKILL)
            server.wait()
    # Those that it had started end, and nothing of a head stays where they worked.
    assert psutil.wait_procs(below, timeout=30)[1] == []
    until(lambda: not place.heads())
    (place.jobs / damaged / JOB).write_bytes(b'{"id": "')
    (place.jobs / waiting / BEGUN).touch()

    with place.served() as (server, client):
        for job_id in (running, waiting):
            look = partial(client.get, f"/api/jobs/{job_id}")
            until(lambda: look().json()["state"] == "done")  # noqa: B023
        told = {job["id"]: job["reason"] for job in client.get("/api/jobs").json()}
        server.send_signal(signal.SIGINT)
        server.wait(60)
    assert told == {running: "", damaged: LOST, waiting: ""}
    assert {job.id: job.starts for job in JobStore(place.jobs).all()}[running] == 2
    place.check_products(running, waiting)
