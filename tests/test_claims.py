"""claims: who works on a folder where the disk has no locks."""

import os
import threading
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from crosswarp import claims
from crosswarp.claims import LOCK, beat, claimed, owner, told
from crosswarp.errors import LockedError
from crosswarp.files import write_json

ELSEWHERE = {"host": "elsewhere", "process": 7, "machine": ["elsewhere"], "held": True}


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(claims, "ASKING_SECONDS", 0.5)


def put(folder: Path, age: float = 0.0, **content: Any) -> Path:
    """Put another's claim there, with a time stamp so many seconds old."""
    path = folder / f"{LOCK}-0"
    write_json(path, content)
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_a_claim_of_another_machine_holds_while_it_is_young(tmp_path: Path) -> None:
    put(tmp_path, age=100.0, **ELSEWHERE)
    with pytest.raises(LockedError, match="process 7 on elsewhere"):
        claimed(tmp_path, 300.0)
    assert [path.name for path in tmp_path.iterdir()] == [f"{LOCK}-0"]


@pytest.mark.parametrize("age", [400.0, -90_000.0])
def test_one_that_is_silent_is_gone(tmp_path: Path, age: float) -> None:
    """Old, or of a time to come since the disk's clock was set back."""
    path = put(tmp_path, age=age, **ELSEWHERE)
    own = claimed(tmp_path, 300.0)
    assert not path.exists()
    assert list(tmp_path.iterdir()) == [own]


@pytest.mark.parametrize("age", [400.0, -90_000.0])
def test_one_that_moves_lives_whatever_the_clock_says(
    tmp_path: Path, age: float
) -> None:
    path = put(tmp_path, age=age, **ELSEWHERE)
    stop = threading.Event()
    heart = threading.Thread(target=beat, args=(path, stop))
    heart.start()
    try:
        with pytest.raises(LockedError):
            claimed(tmp_path, 300.0)
    finally:
        stop.set()
        heart.join()


def test_a_claim_that_cannot_be_read_holds_while_it_is_young(tmp_path: Path) -> None:
    (tmp_path / f"{LOCK}-0").write_text("{")
    with pytest.raises(LockedError, match="by another process; nothing was changed"):
        claimed(tmp_path, 300.0)


def test_a_process_with_the_same_number_is_not_the_owner(tmp_path: Path) -> None:
    path = put(tmp_path, **owner() | {"started": "1", "held": True})
    claimed(tmp_path, 300.0)
    assert not path.exists()


def test_a_process_of_this_machine_is_asked_for_whatever_its_age(
    tmp_path: Path,
) -> None:
    put(tmp_path, age=90_000.0, **owner() | {"held": True})
    with pytest.raises(LockedError):
        claimed(tmp_path, 300.0)


def test_one_that_goes_while_it_is_watched_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, age=400.0, **ELSEWHERE)
    known = time.sleep

    def sleep(seconds: float) -> None:
        path.unlink(missing_ok=True)
        known(seconds)

    monkeypatch.setattr(claims.time, "sleep", sleep)
    assert claimed(tmp_path, 300.0).exists()


def test_the_first_of_two_that_ask_waits_for_the_other_to_withdraw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / f"{LOCK}-z"  # after any hexadecimal number
    write_json(other, ELSEWHERE | {"held": False})
    known = time.sleep

    def sleep(seconds: float) -> None:
        other.unlink(missing_ok=True)
        known(seconds)

    monkeypatch.setattr(claims.time, "sleep", sleep)
    assert claimed(tmp_path, 300.0).exists()


def test_but_not_for_ever_and_a_later_one_withdraws(tmp_path: Path) -> None:
    for name in (f"{LOCK}-z", f"{LOCK}- "):
        other = tmp_path / name
        write_json(other, ELSEWHERE | {"held": False})
        with pytest.raises(LockedError):
            claimed(tmp_path, 300.0)
        assert list(tmp_path.iterdir()) == [other]
        other.unlink()


def _try(folder: Path, ready: Any, won: Any) -> None:
    ready.wait()
    try:
        claimed(folder, 300.0)
    except LockedError:
        return
    with won.get_lock():
        won.value += 1
    time.sleep(0.7)  # the winner lives until all others have asked


def test_of_several_that_start_at_once_at_most_one_wins(tmp_path: Path) -> None:
    context = get_context("fork")
    for round_ in range(3):
        folder = tmp_path / str(round_)
        folder.mkdir()
        ready, won = context.Barrier(4), context.Value("i", 0)
        many = [
            context.Process(target=_try, args=(folder, ready, won)) for _ in range(4)
        ]
        for process in many:
            process.start()
        for process in many:
            process.join()
        assert won.value <= 1


def test_an_owner_names_no_arguments_of_other_programs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["tools/script.py", "sub-SECRET"])
    assert owner()["command"] == "script.py"
    monkeypatch.setattr("sys.argv", ["/usr/bin/crosswarp", "compare", "a", "b"])
    assert owner()["command"] == "crosswarp compare"
    assert "compare" in told(Path("run"), owner())
