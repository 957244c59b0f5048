"""unpack: what an archive may hold, and all that it may not."""

import stat
import zipfile
from pathlib import Path

import pytest

from crosswarp.errors import ScanError
from crosswarp.readers.dicom import archive as module
from crosswarp.readers.dicom.archive import unpack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    return folder


def packed(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in entries.items():
            opened.writestr(name, content)
    return path


def test_files_get_names_of_their_own(tmp_path: Path, folder: Path) -> None:
    archive = packed(tmp_path / "a.zip", **{"Quillon/1": b"one", "b/": b"", "é": b"2"})
    unpack(archive, folder)
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert found == {"000000": b"one", "000001": b"2"}


@pytest.mark.parametrize(
    "name", ["../out", "/etc/out", "a/../../out", "..\\out", "C:\\out", "C:/out"]
)
def test_names_that_lead_out_are_refused(
    tmp_path: Path, folder: Path, name: str
) -> None:
    archive = packed(tmp_path / "a.zip", **{"good": b"x", name: b"x"})
    with pytest.raises(ScanError, match="lead out of the archive"):
        unpack(archive, folder)
    assert not list(folder.iterdir())
    assert not (tmp_path / "out").exists()


def test_links_are_refused(tmp_path: Path, folder: Path) -> None:
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr(entry, "/etc/passwd")
    with pytest.raises(ScanError, match="holds links"):
        unpack(tmp_path / "a.zip", folder)


def test_too_many_and_too_large_are_refused_unread(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = packed(tmp_path / "a.zip", a=bytes(2000), b=b"")
    monkeypatch.setattr(module, "MOST_FILES", 1)
    with pytest.raises(ScanError, match="2 files; at most 1"):
        unpack(archive, folder)
    monkeypatch.setattr(module, "MOST_FILES", 2)
    monkeypatch.setattr(module, "MOST_BYTES", 1999)
    with pytest.raises(ScanError, match="2000 bytes unpacked; at most 1999"):
        unpack(archive, folder)
    assert not list(folder.iterdir())


def test_an_archive_that_lies_about_sizes_is_refused(
    tmp_path: Path, folder: Path
) -> None:
    archive = packed(tmp_path / "a.zip", a=bytes(100_000))
    content = bytearray(archive.read_bytes())
    central = content.rindex(b"PK\x01\x02")
    content[central + 24 : central + 28] = (10).to_bytes(4, "little")
    archive.write_bytes(bytes(content))
    with pytest.raises(ScanError, match="damaged or not a zip"):
        unpack(archive, folder)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 10


def test_encrypted_is_refused(tmp_path: Path, folder: Path) -> None:
    archive = packed(tmp_path / "a.zip", a=b"x")
    content = bytearray(archive.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rindex(signature) + offset] |= 1
    archive.write_bytes(bytes(content))
    with pytest.raises(ScanError, match="encrypted"):
        unpack(archive, folder)


def test_what_is_no_archive_is_refused(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"<html>")
    with pytest.raises(ScanError, match="not a zip"):
        unpack(tmp_path / "a.zip", folder)
    whole = packed(tmp_path / "b.zip", a=bytes(range(256)) * 999).read_bytes()
    (tmp_path / "b.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ScanError, match="damaged"):
        unpack(tmp_path / "b.zip", folder)
    with pytest.raises(ScanError, match="is empty"):
        unpack(packed(tmp_path / "c.zip"), folder)
