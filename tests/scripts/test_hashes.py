"""Pins with digests: written from an index, and held when they are installed."""

import base64
import functools
import hashlib
import os
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import HTTPServer, SimpleHTTPRequestHandler
from importlib.util import find_spec
from pathlib import Path

import pytest
from scripts.advisories import pins_of

ROOT = Path(__file__).parents[2]
NAME = "tinything"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


class Index:
    """A package index on this machine with one package of one module."""

    def __init__(self, root: Path) -> None:
        self.wheel = root / f"{NAME}-1.0-py3-none-any.whl"
        self._page = root / "simple" / NAME / "index.html"
        self._page.parent.mkdir(parents=True)
        self.publish("VALUE = 1")

    def publish(self, text: str) -> None:
        """Write the wheel anew, under the same name, and its page."""
        info = f"{NAME}-1.0.dist-info"
        files = {
            f"{NAME}.py": text,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\n"
            "Root-Is-Purelib: true\nTag: py3-none-any\n",
        }
        rows = [f"{name},{_digest(each)}," for name, each in files.items()]
        files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]) + "\n"
        with zipfile.ZipFile(self.wheel, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        link = f"/{self.wheel.name}#sha256={self.sha256()}"
        self._page.write_text(f'<a href="{link}">{self.wheel.name}</a>')

    def sha256(self) -> str:
        return hashlib.sha256(self.wheel.read_bytes()).hexdigest()


def _digest(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index(tmp_path / "index")


@pytest.fixture
def address(index: Index) -> Iterator[str]:
    handler = functools.partial(Quiet, directory=str(index.wheel.parent))
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()
        thread.join()


@pytest.fixture
def hashed(index: Index, tmp_path: Path) -> Path:
    path = tmp_path / "hashed.txt"
    path.write_text(f"{NAME}==1.0 --hash=sha256:{index.sha256()}\n")
    return path


def install(hashed: Path, address: str, target: Path) -> subprocess.CompletedProcess:
    """What scripts/install does with the pins, from the index of the test alone."""
    command = [sys.executable, "-m", "pip", "--isolated", "install", "--quiet"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--require-hashes", "--index-url", address]
    command += ["--target", str(target), "--requirement", str(hashed)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_file_that_was_changed_on_the_index_is_refused(
    index: Index, address: str, hashed: Path, tmp_path: Path
) -> None:
    whole = install(hashed, address, tmp_path / "whole")
    assert whole.returncode == 0, whole.stderr
    assert (tmp_path / "whole" / f"{NAME}.py").is_file()
    index.publish("VALUE = 666")  # the index vouches for the new file, too
    spoilt = install(hashed, address, tmp_path / "spoilt")
    assert spoilt.returncode != 0
    assert "DO NOT MATCH THE HASHES" in spoilt.stderr
    assert not (tmp_path / "spoilt").exists()


@pytest.mark.slow
@pytest.mark.skipif(find_spec("uv") is None, reason="uv is not installed")
def test_digests_are_those_of_the_index(
    index: Index, address: str, tmp_path: Path
) -> None:
    pins, out = tmp_path / "pins.txt", tmp_path / "out.txt"
    pins.write_text(f"# a comment\n{NAME}==1.0\ntorch==2.13.0\n")
    subprocess.run(
        [ROOT / "scripts/hashes", pins, out],
        env={**os.environ, "PYTHON": sys.executable, "PIP_INDEX_URL": address},
        check=True,
        capture_output=True,
    )
    text = out.read_text()
    assert re.findall(r"^(\S+==\S+)", text, re.MULTILINE) == [f"{NAME}==1.0"]
    assert re.findall(r"--hash=sha256:(\w+)", text) == [index.sha256()]
    assert install(out, address, tmp_path / "installed").returncode == 0


def test_the_committed_digests_are_those_of_the_pins() -> None:
    """All but torch, whose build depends on the machine."""
    text = (ROOT / "requirements-hashed.txt").read_text(encoding="utf-8")
    blocks = re.findall(
        r"^(\S+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", text, re.MULTILINE
    )
    assert len(blocks) == text.count("==")
    pins = pins_of((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    del pins["torch"]
    assert {_plain(name): version for name, version, _ in blocks} == {
        _plain(name): version for name, version in pins.items()
    }


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
