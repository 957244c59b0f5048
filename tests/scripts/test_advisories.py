"""`scripts.advisories`, against a server of the test's own."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from scripts import advisories

PINS = "# tested together\nlightning==2.6.2  # bad\nnumpy==2.3.5\n"
BAD = {"lightning": ["GHSA-w37p-236h-pfx3"]}


@contextmanager
def serving(status: int, body: bytes | None = None) -> Iterator[tuple[str, list[dict]]]:
    """A server that knows of `BAD`, or answers what it is told to."""
    asked: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            asked.append(json.loads(self.rfile.read(length)))
            known = [
                {"vulns": [{"id": i} for i in BAD[name]]} if name in BAD else {}
                for name in (q["package"]["name"] for q in asked[-1]["queries"])
            ]
            answer = json.dumps({"results": known}).encode() if body is None else body
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    (tmp_path / "pins").write_text(PINS)
    (tmp_path / "reviewed").write_text("# none yet\n")
    return ["--pins", str(tmp_path / "pins"), "--reviewed", str(tmp_path / "reviewed")]


def test_a_hit_fails_and_is_named(words: list[str], capsys) -> None:
    with serving(200) as (server, asked):
        assert advisories.main([*words, "--server", server]) == 1
    assert "error: lightning 2.6.2: GHSA-w37p-236h-pfx3\n" in capsys.readouterr().err
    [question] = asked
    assert question["queries"][1] == {
        "package": {"name": "numpy", "ecosystem": "PyPI"},
        "version": "2.3.5",
    }


def test_a_reviewed_hit_is_said_and_passes(words: list[str], capsys) -> None:
    Path(words[-1]).write_text("GHSA-w37p-236h-pfx3 it is only read about here\n")
    with serving(200) as (server, _):
        assert advisories.main([*words, "--server", server]) == 0
    assert "(reviewed: it is only read about here)" in capsys.readouterr().out


def test_no_hit_passes(words: list[str], capsys) -> None:
    Path(words[1]).write_text("numpy==2.3.5\n")
    with serving(200) as (server, _):
        assert advisories.main([*words, "--server", server]) == 0
    assert "1 pins, no advisory" in capsys.readouterr().out


def test_no_network_is_said_and_passes(words: list[str], capsys) -> None:
    with serving(200) as (server, _):
        pass
    assert advisories.main([*words, "--server", server]) == 0
    said = capsys.readouterr().out
    assert "NOT compared" in said
    assert "no advisory" not in said


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, b"later"),
        (200, b"<html>log in to the network</html>"),
        (200, b"[" * 100_000),
        (200, b'{"results": [{}]}'),
        (200, b'{"results": [{"vulns": 3}, {}]}'),
        (200, b'{"results": [null, null]}'),
        (200, b"null"),
    ],
    ids=["busy", "a page", "deep", "too few", "odd", "nothing", "null"],
)
def test_an_answer_that_is_none_is_no_finding(
    words: list[str], capsys, status: int, body: bytes
) -> None:
    with serving(status, body) as (server, _):
        assert advisories.main([*words, "--server", server]) == 0
    assert "NOT compared" in capsys.readouterr().out


@pytest.mark.parametrize("line", ["numpy>=2", "numpy", "==2"])
def test_what_is_no_pin_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="expected name==version"):
        advisories.pins_of(line)


def test_a_review_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="and a reason"):
        advisories.reviewed_of("GHSA-w37p-236h-pfx3 \n")


def test_the_projects_own_files_can_be_read() -> None:
    root = advisories.ROOT
    assert "torch" in advisories.pins_of((root / "constraints.txt").read_text())
    advisories.reviewed_of((root / "advisories.txt").read_text())
