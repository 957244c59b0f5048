"""A server on loopback, over real HTTP, with a small real bundle."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import nibabel as nib
import numpy as np
import pytest
import uvicorn

from crosswarp.execution.work import Work
from crosswarp.registration.template import load_template
from crosswarp.viewer.app import make_app
from crosswarp.viewer.context import Context
from crosswarp.viewer.served import read_served
from crosswarp.viewer.settings import Limits, ServeSettings
from tests.report.one_scan.conftest import write_bundle
from tests.viewer.quick import QUICK

LIMITS = Limits(upload_bytes=3_000_000, expanded_bytes=20_000_000, spare_bytes=0)


@dataclass
class Served:
    """A running server, and a client that asks it."""

    address: str
    client: httpx.Client
    context: Context
    stop: Any = field(repr=False)

    def send(self, name: str, content: bytes, **query: str) -> httpx.Response:
        return self.client.post(
            "/api/jobs", params={"name": name, **query}, content=content
        )

    def ended(self, job_id: str, seconds: float = 90) -> dict[str, Any]:
        """Wait for the end of a job."""
        return self.wait(job_id, ("done", "failed", "cancelled"), seconds)

    def wait(
        self, job_id: str, states: tuple[str, ...], seconds: float = 90
    ) -> dict[str, Any]:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            job: dict[str, Any] = self.client.get(f"/api/jobs/{job_id}").json()
            if job["state"] in states:
                return job
            time.sleep(0.05)
        raise AssertionError(job)


def start(
    settings: ServeSettings, token: str | None = None, work: Work = QUICK
) -> Served:
    """Serve in a thread of this process, on a free port."""
    app = make_app(
        settings, token=token, work=work, served=read_served(settings.source)
    )
    config = uvicorn.Config(app, port=0, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    client = httpx.Client(base_url=address, timeout=30)

    def stop() -> None:
        client.close()
        server.should_exit = True
        thread.join()

    return Served(address, client, app.state.context, stop)


def scan_bytes(seed: int = 0) -> bytes:
    """A small sound NIfTI image, compressed."""
    # Of few bytes: the made-up volume of its brain grows with them.
    values = np.random.default_rng(seed).integers(0, 100, (4, 5, 6), np.int16)
    return nib.Nifti1Image(values, np.eye(4)).to_bytes()


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    template = load_template(2).brain
    return write_bundle(
        tmp_path_factory.mktemp("served") / "bundle", grid_extent=template.extent
    )


@pytest.fixture(scope="session")
def served(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("jobs")
    running = start(ServeSettings(bundle, folder, limits=LIMITS))
    yield running
    running.stop()
