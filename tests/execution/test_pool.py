"""Many children at once: order, limits, and the end of all when one says so."""

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest

from crosswarp.errors import InputError
from crosswarp.execution.child import NEWS_CHARACTERS
from crosswarp.execution.engine import Engine
from crosswarp.execution.isolated import Outcome
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.work import Work


def ignore(name: str, outcome: Outcome) -> None:
    """Take an outcome and do nothing."""


class RunAll(Protocol):
    def __call__(
        self,
        function: Callable[[Any], Any],
        pieces: dict[str, Any],
        *,
        workers: int,
        on_done: Callable[[str, Outcome], None] = ignore,
        timeout_s: float | None = None,
    ) -> dict[str, Outcome]: ...


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def run_all(logs: Path) -> RunAll:
    def run(function, pieces, *, workers, on_done=ignore, timeout_s=None):
        work = Work(function, timeout_s=timeout_s)
        return LocalEngine(workers).run(work, pieces, logs=logs, on_done=on_done)

    return run


def test_it_is_an_engine() -> None:
    assert isinstance(LocalEngine(), Engine)


def test_what_pieces_tell_is_heard_while_they_run(tmp_path: Path, logs: Path) -> None:
    # It goes on only when the listener has heard it.
    work = (
        "import pathlib, time; from crosswarp.execution.child import tell\n"
        "tell('two\\nlines')\n"
        "while not pathlib.Path({!r}).exists(): time.sleep(0.01)\n"
        "tell('x' * 1000)"
    )
    heard: list[tuple[str, str]] = []

    def hear(name: str, news: str) -> None:
        heard.append((name, news))
        (tmp_path / name).touch()

    pieces = {name: work.format(str(tmp_path / name)) for name in "ab"}
    LocalEngine(2).run(
        Work(exec, timeout_s=30.0), pieces, logs=logs, on_done=ignore, on_news=hear
    )
    assert sorted(heard) == [
        (name, text) for name in "ab" for text in ("two lines", "x" * NEWS_CHARACTERS)
    ]


def test_order_is_that_of_the_arguments(run_all: RunAll) -> None:
    seen: dict[str, Outcome] = {}
    outcomes = run_all(
        time.sleep, {"slow": 0.6, "quick": 0.0}, workers=2, on_done=seen.__setitem__
    )
    assert list(seen) == ["quick", "slow"]
    assert list(outcomes) == ["slow", "quick"]


def test_one_that_crashes_leaves_the_others(run_all: RunAll) -> None:
    outcomes = run_all(
        exec,
        {"a": "pass", "b": "import os; os.abort()", "c": "1 / 0", "d": "pass"},
        workers=2,
        on_done=ignore,
    )
    assert [o.status for o in outcomes.values()] == ["ok", "crash", "failed", "ok"]
    assert outcomes["b"].reason == "stopped by SIGABRT"


def test_each_is_done_once_and_no_more_at_a_time_than_workers(
    run_all: RunAll, tmp_path: Path
) -> None:
    work = (
        "import time; start = time.monotonic(); time.sleep(0.5);"
        f"open({str(tmp_path)!r} + '/log', 'a').write("
        "f'{start} {time.monotonic()}\\n')"
    )
    run_all(exec, dict.fromkeys("abcdef", work), workers=2, on_done=ignore)
    lines = (tmp_path / "log").read_text().splitlines()
    spans = [tuple(map(float, line.split())) for line in lines]
    assert len(spans) == 6
    at_once = [sum(a <= start < b for a, b in spans) for start, _ in spans]
    assert max(at_once) == 2


def test_what_failed_keeps_its_log_until_it_is_well(
    run_all: RunAll, logs: Path
) -> None:
    pieces = {"a b/c": "print('loud'); 1 / 0"}
    outcome = run_all(exec, pieces, workers=1)["a b/c"]
    assert outcome.log == logs / "a_b_c.log"
    said = outcome.log.read_text()
    assert said.startswith("a b/c: failed: ZeroDivisionError: division by zero\n\n")
    assert "loud" in said
    assert run_all(exec, {"a b/c": "pass"}, workers=1)["a b/c"].log is None
    assert not list(logs.iterdir())


def test_limits_hold_for_each(run_all: RunAll) -> None:
    outcomes = run_all(
        time.sleep, {"a": 60, "b": 0}, workers=2, on_done=ignore, timeout_s=3.0
    )
    assert [o.status for o in outcomes.values()] == ["timeout", "ok"]


def test_nothing_to_do_is_done(run_all: RunAll) -> None:
    assert run_all(math.sqrt, {}, workers=1, on_done=ignore) == {}


def test_no_workers_are_refused(run_all: RunAll) -> None:
    with pytest.raises(InputError, match="got 0"):
        run_all(math.sqrt, {"a": 1.0}, workers=0, on_done=ignore)


def test_an_error_of_the_listener_ends_all(run_all: RunAll) -> None:
    def refuse(name: str, outcome: Outcome) -> None:
        raise OSError(name, outcome.status)

    with pytest.raises(OSError, match="quick"):
        run_all(time.sleep, {"hang": 60, "quick": 0}, workers=2, on_done=refuse)


def test_interrupt_ends_all_children(tmp_path: Path) -> None:
    work = (
        "import os, pathlib, time\n"
        f"pathlib.Path({str(tmp_path)!r}, str(os.getpid())).touch()\n"
        "time.sleep(60)"
    )
    script = (
        "import sys; from crosswarp.execution.pool import LocalEngine;"
        "from crosswarp.execution.work import Work;"
        "pieces = dict.fromkeys('abc', sys.argv[1]);"
        "from pathlib import Path; logs = Path(sys.argv[2]);"
        "LocalEngine(2).run(Work(exec), pieces, logs=logs, on_done=print)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, work, str(tmp_path / "logs")],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as parent:
        end = time.monotonic() + 10
        while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < end:
            time.sleep(0.02)
        parent.send_signal(signal.SIGINT)
        _, printed = parent.communicate(timeout=10)
    children = [int(path.name) for path in tmp_path.iterdir()]
    assert len(children) == 2
    assert not any(psutil.pid_exists(child) for child in children)
    assert printed.rstrip().endswith("KeyboardInterrupt")
