"""`crosswarp serve`, as a shell starts it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from typer.testing import CliRunner

from crosswarp.cli.main import app
from crosswarp.errors import CrosswarpError
from crosswarp.registration.template import load_template
from tests.report.one_scan.conftest import write_bundle

MOST_IDLE_MB = 150


@pytest.mark.slow
def test_it_prints_an_address_and_is_small_while_it_waits(tmp_path: Path) -> None:
    bundle = write_bundle(
        tmp_path / "bundle", grid_extent=load_template(2).brain.extent
    )
    words = [sys.executable, "-m", "crosswarp", "serve", str(bundle), "--port", "0"]
    words += ["--jobs", str(tmp_path / "jobs"), "--token"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "200"}
    ) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        found = re.fullmatch(r"open (http://127\.0\.0\.1:\d+/)\?token=(\S+)\n", line)
        assert found is not None, line
        bearer = {"authorization": f"Bearer {found[2]}"}
        answer = httpx.get(f"{found[1]}api/server", headers=bearer, timeout=60)
        process = psutil.Process(server.pid)
        resident = process.memory_info().rss / 1e6
        libraries = {Path(mapped.path).name for mapped in process.memory_maps()}
        server.send_signal(signal.SIGINT)
        server.wait(60)
    assert answer.json()["models"][0]["name"] == "compact_jsm"
    assert (
        "trained on 1 virtual participant" in answer.json()["models"][0]["trained_on"]
    )
    assert not any(name.startswith("libtorch") for name in libraries)
    assert resident <= MOST_IDLE_MB


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere"], "no folder at nowhere: expected a bundle, a model's folder"),
        ([".", "--folder", "nowhere"], "no folder at nowhere: expected one with scans"),
        ([".", "--host", "192.0.2.1"], "no bundle in"),
    ],
    ids=["source", "folder", "no bundle"],
)
def test_what_cannot_be_served_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["serve", *words, "--jobs", "jobs"])
    assert isinstance(result.exception, CrosswarpError)
    assert told in str(result.exception)
