"""locks: one process at a time, and never longer than its owner lives."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from crosswarp import locks
from crosswarp.claims import LOCK
from crosswarp.documents import read_object
from crosswarp.errors import LockedError, StorageError
from crosswarp.locks import locked

HOLD = """
import sys
from pathlib import Path
from crosswarp import locks
if "without" in sys.argv:
    locks._flocked = lambda _: None
with locks.locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
print("released", flush=True)
"""


def hold(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start a process that holds the lock until its input ends."""
    command = [sys.executable, "-c", HOLD, str(folder), *words]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> str:
    return process.communicate("\n")[0]


@pytest.fixture(params=["flock", "without"])
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A disk with locks, and one without: words for `hold`."""
    if request.param == "flock":
        return []
    monkeypatch.setattr(locks, "_flocked", lambda _: None)
    return ["without"]


def test_a_second_process_is_told_of_the_first(tmp_path: Path, disk: list[str]) -> None:
    first = hold(tmp_path, *disk)
    told = rf"process {first.pid} on {os.uname().nodename} \(-c\), since 20\d\d-"
    with pytest.raises(LockedError, match=told), locked(tmp_path):
        pass
    assert end(first) == "released\n"
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_killed_owner_leaves_nothing_locked(tmp_path: Path, disk: list[str]) -> None:
    first = hold(tmp_path, *disk)
    first.kill()
    first.wait()
    if first.stdout and first.stdin:
        first.stdout.close()
        first.stdin.close()
    assert list(tmp_path.iterdir())
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_owner_keeps_it(tmp_path: Path, disk: list[str]) -> None:
    first = hold(tmp_path, *disk)
    first.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(LockedError, match=str(first.pid)), locked(tmp_path):
            pass
    finally:
        first.send_signal(signal.SIGCONT)
    assert end(first) == "released\n"


def test_a_forked_child_does_not_keep_it(tmp_path: Path) -> None:
    """A child that outlives its parent would hold the file open, and the lock."""
    read, write = os.pipe()
    with locked(tmp_path):
        child = os.fork()
        if child == 0:
            os.close(write)
            os.read(read, 1)
            os._exit(0)
    os.close(read)
    assert list(tmp_path.iterdir()) == []
    with locked(tmp_path):
        pass
    os.close(write)
    os.waitpid(child, 0)


def test_a_forked_child_that_leaves_the_block_lets_nothing_go(tmp_path: Path) -> None:
    with locked(tmp_path):
        held = locks._held[tmp_path.resolve()]
        child = os.fork()
        if child == 0:
            held.release()
            os._exit(len(locks._held))
        assert os.waitpid(child, 0)[1] == 0
        assert (tmp_path / LOCK).exists()
    assert not (tmp_path / LOCK).exists()


def test_the_same_thread_may_take_it_again_and_no_other(tmp_path: Path) -> None:
    met: list[Exception] = []

    def other() -> None:
        try:
            with locked(tmp_path):
                pass
        except LockedError as error:
            met.append(error)

    with locked(tmp_path), locked(tmp_path / "." / "x" / ".."):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert (tmp_path / LOCK).exists()
    assert str(os.getpid()) in str(met[0])


def test_a_folder_that_stays_empty_is_not_left(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "a"):
        raise ZeroDivisionError
    assert not (tmp_path / "a").exists()
    with locked(tmp_path / "b"):
        (tmp_path / "b" / "x").touch()
    assert (tmp_path / "b" / "x").exists()


def test_what_was_left_half_written_is_deleted(tmp_path: Path) -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    left = tmp_path / f".part-{os.uname().nodename}-{process.pid}-x.tsv"
    left.touch()
    with locked(tmp_path):
        assert not left.exists()


def test_a_file_that_is_unlinked_meanwhile_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner lets go between our opening and locking it: then it is nobody's."""
    known, calls = fcntl.flock, []

    def unlink_first(number: int, how: int) -> None:
        if not calls:
            (tmp_path / LOCK).unlink()
        calls.append(number)
        known(number, how)

    monkeypatch.setattr(fcntl, "flock", unlink_first)
    with locked(tmp_path):
        assert len(calls) == 2
        assert read_object(tmp_path / LOCK)["process"] == os.getpid()


def test_a_folder_that_was_replaced_may_hold_the_lock_of_another(
    tmp_path: Path,
) -> None:
    """`export` puts a new folder in the place of the one that it has locked."""
    folder = tmp_path / "a"
    with locked(folder):
        folder.rename(tmp_path / "b")
        folder.mkdir()
        (folder / LOCK).write_text("another's")
    assert (folder / LOCK).read_text() == "another's"


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP])
def test_a_disk_without_locks_has_claims(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with locked(tmp_path):
        (claim,) = tmp_path.glob(f"{LOCK}-*")
        assert read_object(claim)["held"] is True
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_broken_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(StorageError, match="input/output error"), locked(tmp_path):
        pass


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / LOCK).symlink_to(tmp_path / "precious")
    with locked(folder):
        assert not (folder / LOCK).is_symlink()
    assert (tmp_path / "precious").read_text() == "kept"


@pytest.mark.parametrize(
    ("mounts", "local"),
    [
        ("disk / ext4 rw 0 0\n", False),
        ("disk / ext4 rw 0 0\nhost:/x {0} nfs4 rw,vers=4.2 0 0\n", False),
        ("disk / ext4 rw 0 0\nhost:/x {0} nfs rw,nolock,local_lock=all 0 0\n", True),
        ("host:/x {0} lustre rw,localflock 0 0\ndisk / ext4 rw 0 0\n", True),
        ("host:/x {0}/deeper nfs rw,nolock 0 0\ndisk / ext4 rw 0 0\n", False),
        ("me@host: {0} fuse.sshfs rw 0 0\n", True),
        (None, True),
    ],
)
def test_locks_that_other_machines_do_not_see_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mounts: str | None, local: bool
) -> None:
    known = Path.read_text

    def read(path: Path, *args: str, **named: str) -> str:
        if str(path) != "/proc/self/mounts":
            return known(path, *args, **named)
        if mounts is None:
            raise FileNotFoundError
        return mounts.format(str(tmp_path).replace(" ", "\\040"))

    monkeypatch.setattr(Path, "read_text", read)
    with locked(tmp_path):
        assert (len(list(tmp_path.glob(f"{LOCK}-*"))) == 1) is local


def test_who_lost_the_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process on another machine was stopped for long, and another took over."""
    monkeypatch.setattr(locks, "_flocked", lambda _: None)
    with pytest.raises(LockedError, match="another took"), locked(tmp_path):
        next(tmp_path.glob(f"{LOCK}-*")).unlink()


def test_a_lock_that_cannot_be_claimed_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise LockedError

    monkeypatch.setattr(locks, "_are_local", lambda _: True)
    monkeypatch.setattr(locks, "claimed", refuse)
    with pytest.raises(LockedError), locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
