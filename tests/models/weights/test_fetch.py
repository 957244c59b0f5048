"""fetch: https alone, within a limit, whole or not at all, and the digest is kept."""

import dataclasses
import hashlib
from pathlib import Path

import pytest

from crosswarp.documents import read_json
from crosswarp.errors import InputError, MissingDerivativeError, OccupiedError
from crosswarp.files import write_json
from crosswarp.models.weights.fetch import check_url, fetch
from crosswarp.models.weights.folder import find_weights, verify, weights_folder
from crosswarp.models.weights.sources import SOURCES, WeightSource, find_source
from tests.models.weights.server import serving

CONTENT = b"weights" * 500_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def source(url: str, sha256: str | None = None) -> WeightSource:
    return dataclasses.replace(
        SOURCES["medicalnet_resnet10"],
        url=url,
        sha256=sha256,
        sha256_stated_by="a test",
    )


def test_the_first_fetch_is_recorded_and_later_ones_compared(tmp_path: Path) -> None:
    with serving({"/w.pth": CONTENT}) as address:
        wanted, came = source(f"{address}/w.pth"), []
        assert verify(tmp_path, wanted).state == "absent"
        assert fetch(wanted, tmp_path, told=came.append)
        assert not fetch(wanted, tmp_path)
    assert came[-1] == len(CONTENT)
    assert (tmp_path / "medicalnet_resnet10.pth").read_bytes() == CONTENT
    record = read_json(tmp_path / "medicalnet_resnet10.json")
    assert record == {"url": wanted.url, "sha256": SHA256, "stated": False}
    assert verify(tmp_path, wanted).state == "as first fetched"
    (tmp_path / "medicalnet_resnet10.pth").write_bytes(CONTENT[:-1])
    changed = verify(tmp_path, wanted)
    assert (changed.state, changed.expected) == ("changed", SHA256)
    with pytest.raises(InputError, match=f"{changed.sha256}, not {SHA256}"):
        find_weights(wanted, tmp_path)


def test_a_stated_digest_must_be_met(tmp_path: Path) -> None:
    with serving({"/w.pth": CONTENT}) as address:
        other = "0" * 64
        with pytest.raises(
            InputError,
            match=rf"SHA-256 {SHA256}, expected {other} \(stated by a test\)",
        ):
            fetch(source(f"{address}/w.pth", other), tmp_path)
        assert list(tmp_path.iterdir()) == []
        fetch(source(f"{address}/w.pth", SHA256), tmp_path)
    assert verify(tmp_path, source("", SHA256)).state == "verified"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (CONTENT, r"is larger than 1,000,000 bytes"),
        (999, r"ended after 0 of 999 bytes"),
        ("http://weights.example/w.pth", r"over https alone, got http://weights"),
        ("ftp://127.0.0.1/w.pth", r"over https alone, got ftp"),
        (None, r"cannot fetch .*404.*copy the folder"),
    ],
    ids=["too large", "cut off", "redirected to http", "redirected to ftp", "gone"],
)
def test_nothing_is_left_of_what_is_refused(tmp_path: Path, answer, reason) -> None:
    with (
        serving({"/w.pth": answer}) as address,
        pytest.raises(InputError, match=reason),
    ):
        fetch(source(f"{address}/w.pth"), tmp_path, largest=1_000_000)
    assert list(tmp_path.iterdir()) == []


def test_redirections_on_this_machine_are_followed(tmp_path: Path) -> None:
    with serving({"/a.pth": "/b.pth", "/b.pth": CONTENT}) as address:
        assert fetch(source(f"{address}/a.pth"), tmp_path)
    assert verify(tmp_path, source("")).sha256 == SHA256


@pytest.mark.parametrize("url", ["http://weights.example/w", "file:///w", "w.pth"])
def test_only_https_is_taken(url: str) -> None:
    with pytest.raises(InputError, match="https alone"):
        check_url(url)


def test_a_file_that_was_put_there_by_hand(tmp_path: Path) -> None:
    (tmp_path / "medicalnet_resnet10.pth").write_bytes(CONTENT)
    assert verify(tmp_path, source("")).state == "not recorded"
    assert find_weights(source(""), tmp_path) == tmp_path / "medicalnet_resnet10.pth"


@pytest.mark.parametrize("recorded", [True, False])
def test_a_file_that_was_not_fetched_is_not_replaced(recorded, tmp_path: Path) -> None:
    path = tmp_path / "medicalnet_resnet10.pth"
    path.write_bytes(b"mine")
    if recorded:
        write_json(path.with_suffix(".json"), {"sha256": SHA256})
    with serving({"/w.pth": CONTENT}) as address:
        with pytest.raises(OccupiedError, match="delete it or move it elsewhere, then"):
            fetch(source(f"{address}/w.pth"), tmp_path)
        assert path.read_bytes() == b"mine"
        path.unlink()
        assert fetch(source(f"{address}/w.pth"), tmp_path)


def test_absent_weights_say_how_to_fetch_them(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CROSSWARP_WEIGHTS", str(tmp_path))
    with pytest.raises(
        MissingDerivativeError,
        match=r"weights fetch medicalnet_resnet10 .*set CROSSWARP_WEIGHTS",
    ):
        find_weights(source(""))


def test_the_folder_is_chosen_named_or_the_cache(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CROSSWARP_WEIGHTS", raising=False)
    assert weights_folder() == tmp_path / "cache/crosswarp/weights"
    monkeypatch.setenv("CROSSWARP_WEIGHTS", str(tmp_path / "named"))
    assert weights_folder() == tmp_path / "named"
    assert weights_folder(tmp_path / "chosen") == tmp_path / "chosen"
    monkeypatch.delenv("CROSSWARP_WEIGHTS")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert weights_folder() == Path.home() / ".cache/crosswarp/weights"


def test_every_source_says_what_a_reader_must_know() -> None:
    for name, wanted in SOURCES.items():
        assert wanted.name == name
        check_url(wanted.url)
        assert wanted.url.startswith("https://")
        assert wanted.adni
        assert wanted.licence
        assert (wanted.sha256 is None) == (wanted.sha256_stated_by is None)
        assert wanted.sha256 is None or len(wanted.sha256) == 64
    with pytest.raises(InputError, match="did you mean medicalnet_resnet18"):
        find_source("medicalnet_resnet81")
