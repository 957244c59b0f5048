"""Load on `crosswarp serve`: many uploads by several clients, and the server's memory.

    python -m benchmarks.serving --uploads 50 --clients 4 --mb 20

A server is started with an untrained bundle. Scans of noise are sent; beside their
receiving one job at a time runs, and fails, since noise is no head. Memory is that of
the server's process, in 10^6 bytes.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import nibabel as nib
import numpy as np
import psutil
import torch

from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, save_bundle
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.registration.template import load_template
from crosswarp.study.keyed_ids import KeyedIds
from crosswarp.types.grid import SPACE

MB = 1_000_000
PORT = 8931


def write_bundle(folder: Path) -> Path:
    """Write a small untrained network."""
    card = BundleCard(
        model=CATALOGUE["compact_jsm"].model_copy(update={"features": 8}),
        classes=("CN", "AD"),
        space=SPACE,
        resolution=2,
        grid_extent=load_template(2).brain.extent,
        box=((0, 16), (0, 16), (0, 16)),
        trained_on=KeyedIds.of(["sub-other"], "a salt of benchmarks"),
        origin="virtual",
    )
    torch.manual_seed(0)
    save_bundle(folder, build_network(card.model, 2, card.extent), card)
    return folder


def write_scan(path: Path, mb: float) -> Path:
    """Write a NIfTI image of noise with about so many bytes."""
    side = round((mb * MB / 2) ** (1 / 3))
    values = np.random.default_rng(0).integers(0, 30_000, (side,) * 3, np.int16)
    nib.save(nib.Nifti1Image(values, np.eye(4)), path)
    return path


class Memory:
    """Largest resident memory of a process, looked at ten times a second."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.idle = self.most = self.now()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def now(self) -> float:
        """Return what it holds now, in 10^6 bytes."""
        return float(self._process.memory_info().rss / MB)

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            self.most = max(self.most, self.now())

    def stop(self) -> None:
        """End looking."""
        self._ended.set()
        self._thread.join()


def send(address: str, scan: Path, number: int) -> tuple[int, float]:
    """Send a scan; return the status of the answer and the seconds that it took."""
    begun = time.monotonic()
    with httpx.Client(base_url=address, timeout=600) as client, scan.open("rb") as file:
        name = f"sub-{number:03d}_T1w.nii"
        answer = client.post("/api/jobs", params={"name": name}, content=file)
    return answer.status_code, time.monotonic() - begun


def start(folder: Path, bundle: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """Start a server and wait until it answers."""
    words = [sys.executable, "-m", "crosswarp", "serve", str(bundle)]
    words += ["--jobs", str(folder / "jobs"), "--port", str(PORT)]
    server = subprocess.Popen(words, stderr=subprocess.DEVNULL, env=os.environ)
    address = f"http://127.0.0.1:{PORT}"
    for _ in range(3000):
        try:
            httpx.get(f"{address}/api/server")
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        return server, address
    msg = "the server did not start"
    raise SystemExit(msg)


def main() -> None:
    """Measure, and print one line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uploads", type=int, default=50)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--mb", type=float, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scan = write_scan(folder / "scan.nii", chosen.mb)
        server, address = start(folder, write_bundle(folder / "bundle"))
        time.sleep(2)
        memory = Memory(server.pid)
        try:
            begun = time.monotonic()
            with ThreadPoolExecutor(chosen.clients) as clients:
                sent = clients.map(
                    lambda number: send(address, scan, number), range(chosen.uploads)
                )
                answers = list(sent)
            seconds = time.monotonic() - begun
        finally:
            memory.stop()
            server.terminate()
            server.wait()
    taken = sorted(each for _, each in answers)
    lines = [
        f"answers 201: {sum(code == 201 for code, _ in answers)} of {len(answers)}",
        f"MB/s: {chosen.uploads * chosen.mb / seconds:.0f}",
        f"seconds per upload, median: {taken[len(taken) // 2]:.2f}",
        f"seconds per upload, longest: {taken[-1]:.2f}",
        f"memory of the server, idle: {memory.idle:.0f} MB",
        f"memory of the server, largest: {memory.most:.0f} MB",
    ]
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
