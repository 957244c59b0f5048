"""What nobody should send: each gets a clear answer, and the server goes on."""

import gzip
import io
import json
import socket
import struct
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from crosswarp.errors import InputError
from crosswarp.types.arrays import SpatialMap
from crosswarp.viewer.app import make_app
from crosswarp.viewer.settings import ServeSettings
from tests.dicom_series import Protocol, write_series
from tests.viewer.conftest import LIMITS, Served, scan_bytes
from tests.viewer.quick import SLOW


@pytest.fixture(autouse=True)
def _goes_on(served: Served) -> Iterator[None]:
    """Whatever was sent, the server answers, and keeps nothing half-sent."""
    yield
    assert served.client.get("/api/server").status_code == 200
    assert served.context.receiving == 0
    assert served.context.store.count("uploading") == 0


def archive(*members: tuple[str, bytes], flag: int = 0) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content)
    content = bytearray(file.getvalue())
    if flag:
        # zipfile writes no encrypted archives: the flag of the first member is set.
        place = content.index(b"PK\x01\x02")
        struct.pack_into("<H", content, place + 8, flag)
    return bytes(content)


BOMB = gzip.compress(scan_bytes()[:352] + b"\0" * 30_000_000)
SOUND = gzip.compress(scan_bytes())


@pytest.mark.parametrize(
    ("name", "content", "status", "told"),
    [
        ("a.nii.gz", b"#!/bin/sh\necho\n", 415, "it looks like a script"),
        ("a.nii", b"<!DOCTYPE html><html>", 415, "it looks like a web page"),
        ("a.nii", b"\0" * 400, 415, "no NIfTI file, whatever its name says"),
        ("a.nii.gz", gzip.compress(b"text" * 99), 415, "its first bytes are others"),
        ("a.nii.gz", BOMB, 422, "unpacked, the upload has more than 20 MB"),
        ("a.nii.gz", SOUND[:-20], 422, "not complete: its gzip data end too early"),
        ("a.nii.gz", SOUND[:40] + b"\xff" * 9 + SOUND[49:], 422, "damaged: its gzip"),
        ("a.nii.gz", b"", 422, "the file is empty"),
        ("a.exe", b"MZ", 415, "expected a NIfTI file"),
        ("a.zip", b"PK no archive", 415, "no zip archive; pack it anew"),
        ("a.zip", archive(), 422, "has 0 files"),
        ("a.zip", archive(("../../a.dcm", b"x")), 422, "names that lead out of it"),
        ("a.zip", archive(("C:\\a.dcm", b"x")), 422, "names that lead out of it"),
        ("a.zip", archive(("a.dcm", b"x"), flag=1), 422, "the archive is encrypted"),
        ("a.zip", archive(("a", b"\0" * 30_000_000)), 422, "has more than 20 MB"),
    ],
    ids=[
        *("script", "web page", "zeros", "text", "bomb", "cut", "flipped", "empty"),
        *("program", "no archive", "no members", "leads out", "drive", "encrypted"),
        "zip bomb",
    ],
)
def test_a_file_that_is_not_what_it_says(
    served: Served,
    caplog: pytest.LogCaptureFixture,
    name: str,
    content: bytes,
    status: int,
    told: str,
) -> None:
    answer = served.send(name, content)
    assert (answer.status_code, told in answer.json()["detail"]) == (status, True)
    assert told in caplog.text


def test_three_gigabytes_are_refused_before_they_are_sent(served: Served) -> None:
    """By the announced length, and by counting where none is announced."""
    port = httpx.URL(served.address).port
    head = f"POST /api/jobs?name=a.nii HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sent:
        sent.sendall(f"{head}Content-Length: 3000000000\r\n\r\n".encode())
        assert b" 413 " in sent.recv(4096)
    answer = served.client.post(
        "/api/jobs",
        params={"name": "a.nii"},
        content=(b"\0" * 9999 for _ in range(400)),
    )
    assert answer.status_code == 413
    assert "larger than the 3 MB that this server takes" in answer.json()["detail"]


def test_a_connection_that_is_lost_leaves_nothing(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    port = httpx.URL(served.address).port
    head = f"POST /api/jobs?name=a.nii HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    before = len(list(served.context.store.folder.iterdir()))
    with socket.create_connection(("127.0.0.1", port)) as sent:
        sent.sendall(f"{head}Content-Length: 99999\r\n\r\nhalf".encode())
        until(lambda: served.context.receiving == 1)
    until(lambda: served.context.receiving == 0)
    assert "upload ended, the connection was lost" in caplog.text
    assert len(list(served.context.store.folder.iterdir())) == before


def until(holds, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
def test_ten_uploads_at_once_wait_in_a_row(served: Served) -> None:
    """The first one is held, so that the others wait; all are cancelled."""
    answers: list[httpx.Response] = []

    def send(number: int) -> None:
        with httpx.Client(base_url=served.address, timeout=60) as client:
            params = {"name": f"{SLOW}_ses-{number}_T1w.nii.gz"}
            answers.append(client.post("/api/jobs", params=params, content=SOUND))

    threads = [threading.Thread(target=send, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 10
    until(lambda: served.context.store.count("running") == 1)
    assert served.context.store.count("waiting") == 9
    listed = served.client.get("/api/jobs").json()
    waiting = [job["before"] for job in listed if job["state"] == "waiting"]
    assert sorted(waiting) == list(range(1, 10))
    for answer in answers:
        served.client.post(f"/api/jobs/{answer.json()['id']}/cancel")
    until(lambda: served.context.store.count("running", "waiting") == 0)


KNEE = Protocol(person={"BodyPartExamined": "KNEE"})
HEAD = SpatialMap(np.ones((6, 7, 45), np.float32), np.eye(4))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("protocols", "told"),
    [
        (
            [Protocol(person={"BodyPartExamined": "KNEE"})],
            "another part of the body, knee",
        ),
        ([Protocol(), Protocol(number=5)], "more than one T1w volume: series 4"),
    ],
    ids=["knee", "two series"],
)
def test_a_knee_and_two_series_are_refused_by_the_job(
    served: Served, tmp_path: Path, protocols: list[Protocol], told: str
) -> None:
    """Sent as a folder, file by file."""
    files = [f for p in protocols for f in write_series(tmp_path / "dicom", HEAD, p)]
    job = served.client.post("/api/folders").json()
    for number, path in enumerate(files):
        address = f"/api/folders/{job['id']}/{number}"
        sent = served.client.put(address, content=path.read_bytes())
        assert sent.status_code == 200, sent.text
    begun = served.client.post(f"/api/folders/{job['id']}/end")
    assert begun.json()["label"] == "sub-scan"
    ended = served.ended(job["id"])
    assert (ended["state"], told in ended["reason"]) == ("failed", True), ended
    assert str(served.context.store.folder) not in ended["reason"]
    again = served.client.put(f"/api/folders/{job['id']}/0", content=b"x")
    assert (again.status_code, "is failed" in again.text) == (409, True)


def test_a_folder_has_limits_too(served: Served) -> None:
    job = served.client.post("/api/folders").json()
    base = f"/api/folders/{job['id']}"
    assert served.client.post(f"{base}/end").status_code == 409
    assert served.client.put(f"{base}/20000", content=b"x").status_code == 422
    assert served.client.put(f"{base}/0", content=b"x" * 2_000_000).status_code == 200
    much = served.client.put(f"{base}/1", content=b"x" * 2_000_000)
    assert (much.status_code, "larger than the 3 MB" in much.text) == (413, True)
    assert served.client.delete(f"/api/jobs/{job['id']}").status_code == 204


def test_a_full_disk_is_said(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = "crosswarp.viewer.uploads.shutil.disk_usage"
    monkeypatch.setattr(usage, lambda _: type("U", (), {"free": -1})())
    answer = served.send("a.nii.gz", SOUND)
    assert (answer.status_code, "too little space" in answer.text) == (507, True)


def test_too_many_waiting_scans_are_put_off(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served.context.store, "count", lambda *_: 999)
    answer = served.send("a.nii.gz", SOUND)
    assert (answer.status_code, "are waiting already" in answer.text) == (503, True)


def test_too_many_uploads_at_once_are_put_off(served: Served) -> None:
    served.context.receiving = LIMITS.uploads
    try:
        answer = served.send("a.nii.gz", SOUND)
    finally:
        served.context.receiving = 0
    assert (answer.status_code, "too many uploads" in answer.text) == (503, True)


def test_a_name_never_becomes_a_path(served: Served) -> None:
    answer = served.send("../../../etc/Jane Doe.nii.gz", SOUND)
    job = served.context.store.get(answer.json()["id"])
    assert job is not None
    assert job.label == "sub-scan"
    kept = (served.context.store.place(job) / "job.json").read_text()
    assert "Jane" not in kept
    served.client.delete(f"/api/jobs/{job.id}")
    assert not served.context.store.place(job).exists()
    for path in ("/api/jobs/..%2f..%2fx", "/jobs/%2e%2e", "/static/..%2fapp.py"):
        assert served.client.get(path).status_code == 404


def test_a_bundle_of_a_newer_version_is_refused(bundle: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer"
    newer.mkdir()
    card = json.loads((bundle / "bundle.json").read_text())
    card["format"] = "crosswarp-bundle-99"
    (newer / "bundle.json").write_text(json.dumps(card))
    with pytest.raises(InputError, match="Install the newer version"):
        make_app(ServeSettings(newer, tmp_path / "jobs"))
