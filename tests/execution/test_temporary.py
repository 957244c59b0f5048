"""Temporary files with people's names: gone, however the process ended."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from crosswarp.errors import StorageError
from crosswarp.execution import temporary
from crosswarp.execution.isolated import run_isolated
from crosswarp.execution.temporary import (
    PREFIX,
    base_folder,
    new_folder,
    remove_folder,
    temporary_folder,
)

NAME = "QUILLON^ZZYZX"

# Writes a person's name where every library does, and says where.
UNPACK = (
    "import os, tempfile, time\n"
    f"place = tempfile.mkdtemp(); open(place + '/{NAME}', 'w').write('{NAME}')\n"
    "from crosswarp.execution.temporary import new_folder\n"
    f"(new_folder('zip-') / '{NAME}').write_text('{NAME}')\n"
    "open({note!r}, 'w').write(str(os.getpid()) + ' ' + place + ' .')\n"
)
MAIN = (
    "import sys, tempfile\n"
    "from crosswarp.execution.isolated import run_isolated\n"
    "from crosswarp.execution.temporary import new_folder\n"
    f"(new_folder('heads-') / '{NAME}').write_text('{NAME}')\n"
    "limit = float(sys.argv[2]) if len(sys.argv) > 2 else None\n"
    "outcome = run_isolated(exec, sys.argv[1], timeout_s=limit)\n"
    "print(outcome.status)\n"
)


def until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20.0
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def is_clean(folder: Path) -> bool:
    return not list(folder.iterdir())


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder of a short name: sockets are made in it."""
    with tempfile.TemporaryDirectory(prefix="t-") as name:
        yield Path(name)


@contextmanager
def running(place: Path, *limit: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A main process whose child has unpacked something and hangs; both are named."""
    note, tmp = place / "note", place / "tmp"
    tmp.mkdir()
    work = UNPACK.format(note=str(note)) + "time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, work, *limit],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp)},
    ) as main:
        try:
            assert until(lambda: note.is_file() and note.read_text().endswith("."))
            assert len(list(tmp.rglob(NAME))) == 3
            assert [p.name.startswith(PREFIX) for p in tmp.iterdir()] == [True]
            yield main, int(note.read_text().split()[0])
        finally:
            main.kill()


def server_of(child: int) -> int:
    parent = psutil.Process(child).parent()
    assert parent is not None
    return parent.pid


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_stays_when_the_main_process_is_ended(
    place: Path, number: signal.Signals
) -> None:
    with running(place) as (main, _):
        main.send_signal(number)
        main.communicate()
    assert until(lambda: is_clean(place / "tmp"))


@pytest.mark.parametrize("who", ["child", "server"])
def test_nothing_stays_when_the_child_or_its_server_is_killed(
    place: Path, who: str
) -> None:
    with running(place) as (main, child):
        os.kill(child if who == "child" else server_of(child), signal.SIGKILL)
        said, _ = main.communicate()
    assert said == "crash\n"
    assert is_clean(place / "tmp")


def test_nothing_stays_after_a_timeout(place: Path) -> None:
    with running(place, "10") as (main, child):
        # A child that cannot end by itself.
        os.kill(child, signal.SIGSTOP)
        said, _ = main.communicate()
    assert said == "timeout\n"
    assert is_clean(place / "tmp")


def test_a_childs_files_go_while_its_parent_lives() -> None:
    before = set(base_folder().iterdir())
    work = (
        "import tempfile, pathlib; pathlib.Path(tempfile.mkdtemp(), 'a').touch();"
        "open(tempfile.gettempdir() + '/b', 'w').close()"
    )
    assert run_isolated(exec, work).status == "ok"
    assert (
        set(base_folder().iterdir()) - before
        == {path for path in base_folder().iterdir() if path.name.startswith("pymp-")}
        - before
    )


def test_a_child_has_a_folder_of_its_own_below_ours() -> None:
    place = Path(run_isolated(eval, "__import__('tempfile').gettempdir()").value)
    assert place.parent == base_folder()
    assert not place.exists()
    assert Path(tempfile.gettempdir()) != base_folder()


def test_what_a_reboot_left_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, foreign = tmp_path / f"{PREFIX}left", tmp_path / f"{PREFIX}other"
    for folder in (left, foreign):
        (folder / "zip-1").mkdir(parents=True)
        (folder / "zip-1" / NAME).touch()
    (left / "owner").touch()
    alive = [
        sys.executable,
        "-c",
        "from crosswarp.execution.temporary import base_folder; import time;"
        "print(base_folder(), flush=True); time.sleep(600)",
    ]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        alive, stdout=subprocess.PIPE, text=True, env=environment
    ) as other:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        assert not left.exists()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        temporary._sweep(tmp_path)
        assert theirs.is_dir()
        assert (foreign / "zip-1" / NAME).exists()
        other.kill()
    assert until(lambda: not theirs.exists())


def test_a_folder_is_deleted_though_a_process_still_writes(tmp_path: Path) -> None:
    folder = tmp_path / "busy"
    folder.mkdir()
    work = (
        "import pathlib, sys, time\nfor n in range(400):\n"
        " try: pathlib.Path(sys.argv[1], str(n)).touch()\n"
        " except FileNotFoundError: break\n"
    )
    with subprocess.Popen([sys.executable, "-c", work, str(folder)]):
        assert until(lambda: any(folder.iterdir()))
        remove_folder(folder)
    assert not folder.exists()


def test_an_error_leaves_no_folder() -> None:
    folders = []

    def unpack() -> None:
        with temporary_folder("zip-") as folder:
            folders.append(folder)
            (folder / NAME).touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        unpack()
    assert not folders[0].exists()


def test_no_room_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary, "_bases", [])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(StorageError, match="TMPDIR"):
        new_folder("zip-")
