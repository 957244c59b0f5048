"""files: whole or not there; whose an error of the system is; text of any file."""

import errno
import os
import subprocess
import time
from pathlib import Path

import pytest

from crosswarp import files
from crosswarp.errors import StorageError
from crosswarp.files import (
    file_digest,
    fingerprint,
    is_running,
    printable,
    remove_unfinished,
    started,
    storage_named,
    write_json,
    written_folder,
    written_whole,
)

HOST = os.uname().nodename


def fail(number: int, named: object) -> None:
    raise OSError(number, os.strerror(number), named)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO])
@pytest.mark.parametrize("named", ["out", "out/sub-01/a.json", "", None, 3, b"out/x"])
def test_an_error_of_the_folder_is_named(
    tmp_path: Path, number: int, named: object
) -> None:
    if isinstance(named, str):
        named = str(tmp_path / named)
    elif isinstance(named, bytes):
        named = os.fsencode(tmp_path) + b"/" + named
    with pytest.raises(StorageError, match="out: "), storage_named(tmp_path / "out"):
        fail(number, named)


@pytest.mark.parametrize("named", ["in/sub-01_T1w.nii.gz", "output"])
def test_an_error_of_another_file_is_passed_on(tmp_path: Path, named: str) -> None:
    with pytest.raises(PermissionError), storage_named(tmp_path / "out"):
        fail(errno.EACCES, str(tmp_path / named))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tête (1).nii", "tête (1).nii"),
        (os.fsdecode(b"caf\xe9.nii"), r"caf\xe9.nii"),
        ("a\tb\nc\x1b[0m", r"a\tb\nc\x1b[0m"),
        ("\ud800", r"\ud800"),
    ],
)
def test_any_text_can_be_written_on_one_line(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(text).encode()


def fail_after_writing(path: Path) -> None:
    path.write_text("half")
    raise ZeroDivisionError


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.nii.gz"
    with written_whole(path) as temporary:
        assert temporary.name.endswith("-a.nii.gz")
        assert not path.exists()
        temporary.write_text("one")
    with pytest.raises(ZeroDivisionError), written_whole(path) as temporary:
        fail_after_writing(temporary)
    assert path.read_text() == "one"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("kept", [True, False])
def test_a_folder_is_whole_or_as_it_was(tmp_path: Path, kept: bool) -> None:
    path = tmp_path / "a"
    for content in ("one", "two"):
        with written_folder(path, kept=kept) as temporary:
            (temporary / "deep").mkdir()
            (temporary / "deep" / "x").write_text(content)
            (temporary / "link").symlink_to("nowhere")
        assert (path / "deep" / "x").read_text() == content
    with pytest.raises(ZeroDivisionError), written_folder(path) as temporary:
        fail_after_writing(temporary / "y")
    assert sorted(one.name for one in path.iterdir()) == ["deep", "link"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_the_place_of_a_folder_is_not_deleted(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("precious")
    with pytest.raises(NotADirectoryError), written_folder(path):
        pass
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_disk_that_cannot_sync_is_written_to_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    write_json(tmp_path / "a.json", {"b": 1})
    assert (tmp_path / "a.json").read_text() == '{\n  "b": 1\n}\n'


def test_a_disk_that_breaks_while_it_syncs_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageError, match="input/output error"):
        write_json(tmp_path / "a.json", {"b": 1})
    assert list(tmp_path.iterdir()) == []


def test_what_the_dead_left_goes_and_what_is_being_written_stays(
    tmp_path: Path,
) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    ours, start = os.getpid(), started(os.getpid())
    gone = [
        f".part-{HOST}-{ended.pid}-a.tsv",
        f".part-{HOST}-{ended.pid}.123-a.tsv",
        f".part-{HOST}-{ours}.123-a.tsv",  # a process that had our number
        ".part-elsewhere-1.2-old.tsv",
    ]
    stays = [
        f".part-{HOST}-{ours}-a.tsv",
        f".part-{HOST}-{ours}.{start}-a.tsv",
        ".part-elsewhere-1.2-new.tsv",
        "a.tsv",
    ]
    for name in [*gone, *stays]:
        (tmp_path / name).touch()
    os.utime(tmp_path / gone[3], (time.time() - 100_000,) * 2)
    (tmp_path / f".part-{HOST}-{ended.pid}-b").mkdir()
    (tmp_path / f".part-{HOST}-{ended.pid}-b" / "x").touch()
    removed = {path.name for path in remove_unfinished(tmp_path)}
    assert removed == {*gone, f".part-{HOST}-{ended.pid}-b"}
    assert {path.name for path in tmp_path.iterdir()} == set(stays)
    assert remove_unfinished(tmp_path / "absent") == []


def test_in_a_users_folder_only_what_has_the_name_goes(tmp_path: Path) -> None:
    names = [".part-elsewhere-1-a[1]", ".part-elsewhere-1-b", ".part-of-a-download"]
    for name in names:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    assert [path.name for path in remove_unfinished(tmp_path, "a[1]")] == names[:1]


def test_a_process_that_ended_is_not_running(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = started(os.getpid())
    assert is_running(os.getpid(), ours)
    assert is_running(os.getpid(), None)
    assert not is_running(os.getpid(), "1")
    ended = subprocess.Popen(["true"])
    while started(ended.pid) is not None:  # until it is a zombie
        time.sleep(0.01)
    assert not is_running(ended.pid, None)
    ended.wait()

    monkeypatch.setattr(files, "started", lambda _: None)
    monkeypatch.setattr(Path, "exists", lambda _: False)  # a system without /proc
    assert is_running(os.getpid(), None)
    assert not is_running(ended.pid, None)

    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert is_running(os.getpid(), None)


def test_fingerprints_tell_content_and_not_order(tmp_path: Path) -> None:
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
    with pytest.raises(TypeError):
        fingerprint(tmp_path)
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").write_text("x")
    assert file_digest(tmp_path / "a") == file_digest(tmp_path / "b")
