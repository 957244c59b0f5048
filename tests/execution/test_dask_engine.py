"""Real workers of a real scheduler, and all that can befall them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from crosswarp.errors import IncompleteError, InputError
from crosswarp.execution import dask_sites
from crosswarp.execution.dask_engine import DaskEngine, Site
from crosswarp.execution.dask_sites import LocalWorkers, RunningScheduler
from crosswarp.execution.dask_worker import Order, run_order
from crosswarp.execution.engine import Engine
from crosswarp.execution.isolated import Outcome
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.work import Work
from tests.execution.conftest import DaskProcesses, dask_processes, end_tree, until

pytestmark = pytest.mark.slow

# Each piece notes that it starts: a line a start, with its process.
NOTED = (
    "import os; from crosswarp.execution.child import tell\n"
    "open({log!r}, 'a').write(f'{name} {{os.getpid()}}\\n'); tell('started')\n"
)
FAULTS = {
    "crash": "os.abort()",
    "kill": "os.kill(os.getpid(), 9)",
    "raise": "raise ValueError('no')",
    "memory": "import time; held = bytearray(b'x') * 900_000_000; time.sleep(60)",
    "exit": "os._exit(3)",
    "well": "pass",
}
STATUS = {
    "crash": ("crash", "stopped by SIGABRT"),
    "kill": ("crash", "stopped by SIGKILL; often the machine has run out of memory"),
    "raise": ("failed", "ValueError: no"),
    "memory": ("memory", "over the limit of 600 MB"),
    "exit": ("crash", "ended without an answer, exit code 3"),
    "well": ("ok", ""),
}
HANG = "import time; time.sleep(600)"
# It goes on when a file is there.
WAITING = (
    "import pathlib, time\nwhile not pathlib.Path({!r}).exists(): time.sleep(0.05)"
)


def ignore(name: str, outcome: Outcome) -> None:
    """Take an outcome and do nothing."""


def noted(log: Path, works: dict[str, str]) -> dict[str, str]:
    return {
        name: NOTED.format(log=str(log), name=name) + work
        for name, work in works.items()
    }


def starts(log: Path) -> list[str]:
    return sorted(line.split()[0] for line in log.read_text().splitlines())


def started_in(log: Path, name: str) -> int:
    lines = log.read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name} ")))


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def engine_of(cluster: DaskProcesses) -> DaskEngine:
    return DaskEngine(RunningScheduler(file=cluster.file))


def worker_above(pid: int, cluster: DaskProcesses) -> subprocess.Popen[bytes] | None:
    above = {process.pid for process in psutil.Process(pid).parents()}
    return next((worker for worker in cluster.workers if worker.pid in above), None)


def test_it_is_an_engine(dask_cluster: DaskProcesses, tmp_path: Path) -> None:
    assert isinstance(engine_of(dask_cluster), Engine)
    with RunningScheduler(file=dask_cluster.file)(tmp_path, 1) as site:
        assert isinstance(site, Site)


def test_every_fault_has_its_name_and_is_met_once(
    dask_cluster: DaskProcesses, tmp_path: Path
) -> None:
    log = tmp_path / "attempts"
    works = FAULTS | {f"more-{n}": "pass" for n in range(8)}
    heard: list[tuple[str, str]] = []
    seen: list[str] = []
    outcomes = engine_of(dask_cluster).run(
        Work(exec, timeout_s=120.0, memory_mb=600.0),
        noted(log, works),
        logs=tmp_path / "logs",
        on_done=lambda name, _: seen.append(name),
        on_news=lambda name, news: heard.append((name, news)),
    )
    assert list(outcomes) == list(works)
    assert sorted(seen) == starts(log) == sorted(works)
    for name, (status, reason) in STATUS.items():
        assert (name, outcomes[name].status) == (name, status)
        assert reason in outcomes[name].reason
    assert all(outcomes[f"more-{n}"].status == "ok" for n in range(8))
    assert ("memory", "started") in heard
    logs = {path.name for path in (tmp_path / "logs").iterdir()}
    assert logs == {f"{name}.log" for name in FAULTS if name != "well"} | {"dask.log"}
    assert "Traceback" in (tmp_path / "logs" / "raise.log").read_text()


def test_the_outcome_is_that_of_processes_here(
    dask_cluster: DaskProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A relative path means the same to the workers, which run elsewhere.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").write_text("it")
    pieces = {
        "value": "open('here').read() + '!'",
        "error": "1 / 0",
        "threads": "__import__('os').environ['OMP_NUM_THREADS']",
    }
    found = []
    for engine in (LocalEngine(1), engine_of(dask_cluster)):
        outcomes = engine.run(
            Work(eval, threads=3), pieces, logs=Path("logs"), on_done=ignore
        )
        found.append([(o.status, o.value, o.reason) for o in outcomes.values()])
    assert found[0] == found[1]
    assert found[0][0] == ("ok", "it!", "")
    assert found[0][2] == ("ok", "3", "")


def test_limits_of_the_engine_hold_too(
    dask_cluster: DaskProcesses, tmp_path: Path
) -> None:
    engine = DaskEngine(RunningScheduler(file=dask_cluster.file), 5000.0, 1.0)
    work = Work(exec, timeout_s=60.0, memory_mb=6000.0)
    pieces = {"a": HANG}
    outcome = engine.run(work, pieces, logs=tmp_path, on_done=ignore)["a"]
    assert outcome.reason == "took longer than 1 s"


def test_nothing_to_do_asks_for_no_worker(tmp_path: Path) -> None:
    engine = DaskEngine(RunningScheduler("tcp://127.0.0.1:9"))
    assert engine.run(Work(exec), {}, logs=tmp_path, on_done=ignore) == {}


def test_a_lost_worker_costs_only_what_it_was_doing(tmp_path: Path) -> None:
    log, go = tmp_path / "attempts", tmp_path / "go"
    works = {f"quick-{n}": "pass" for n in range(4)}
    works["slow"] = WAITING.format(str(go))
    works |= {f"later-{n}": "pass" for n in range(4)}
    with dask_processes(tmp_path) as cluster:

        def lose(name: str, news: str) -> None:
            assert news == "started"
            if name == "slow" and not go.exists():
                child = started_in(log, "slow")
                worker = worker_above(child, cluster)
                assert worker is not None
                end_tree(worker)
                assert until(lambda: is_gone(child))
                go.touch()

        outcomes = engine_of(cluster).run(
            Work(exec, timeout_s=60.0),
            noted(log, works),
            logs=tmp_path / "logs",
            on_done=ignore,
            on_news=lose,
        )
    assert {outcome.status for outcome in outcomes.values()} == {"ok"}
    assert starts(log) == sorted([*works, "slow"])


def test_what_loses_worker_after_worker_is_named_lost(tmp_path: Path) -> None:
    log = tmp_path / "attempts"
    setting = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    works = {"bad": HANG, "well": "pass"}
    with dask_processes(tmp_path, **setting) as cluster:

        def lose(name: str, news: str) -> None:
            del news
            if name == "bad":
                worker = worker_above(started_in(log, "bad"), cluster)
                assert worker is not None
                end_tree(worker)

        outcomes = engine_of(cluster).run(
            Work(exec, timeout_s=60.0),
            noted(log, works),
            logs=tmp_path / "logs",
            on_done=ignore,
            on_news=lose,
        )
    assert outcomes["bad"].status == "lost"
    assert outcomes["bad"].reason.startswith("the worker was lost while it ran, 1 ")
    assert outcomes["bad"].log is not None
    assert outcomes["well"].status == "ok"
    assert starts(log) == ["bad", "well"]


DRIVER = """
import json, sys
from pathlib import Path
from crosswarp.execution.dask_engine import DaskEngine
from crosswarp.execution.dask_sites import RunningScheduler
from crosswarp.execution.work import Work

file, out, pieces = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
todo = {n: p for n, p in pieces.items() if not (out / n).exists()}
DaskEngine(RunningScheduler(file=file)).run(
    Work(exec), todo, logs=out / "logs", on_done=lambda name, _: (out / name).touch())
"""


def test_a_killed_driver_leaves_nothing_running_and_goes_on_later(
    dask_cluster: DaskProcesses, tmp_path: Path
) -> None:
    log, go = tmp_path / "attempts", tmp_path / "go"
    works = {f"early-{n}": "pass" for n in range(4)}
    works |= {f"slow-{n}": WAITING.format(str(go)) for n in range(2)}
    works |= {f"later-{n}": "pass" for n in range(3)}
    out = tmp_path / "out"
    out.mkdir()
    words = [str(dask_cluster.file), str(out), json.dumps(noted(log, works))]
    command = [sys.executable, "-c", DRIVER, *words]
    with subprocess.Popen(command) as driver:
        slow = {"slow-0", "slow-1"}
        assert until(lambda: log.exists() and slow <= set(starts(log)))
        driver.kill()
    left = [started_in(log, name) for name in sorted(slow)]
    assert until(lambda: all(is_gone(pid) for pid in left))
    go.touch()
    done = {path.name for path in out.iterdir() if path.name != "logs"}
    subprocess.run(command, check=True, timeout=60)
    assert starts(log) == sorted([*works, *slow])
    assert done == {f"early-{n}" for n in range(4)}
    assert {path.name for path in out.iterdir()} == {*works, "logs"}


def test_an_interrupt_ends_what_runs_on_the_workers(
    dask_cluster: DaskProcesses, tmp_path: Path
) -> None:
    log = tmp_path / "attempts"

    def stop(name: str, news: str) -> None:
        raise KeyboardInterrupt(name, news)

    with pytest.raises(KeyboardInterrupt):
        engine_of(dask_cluster).run(
            Work(exec),
            noted(log, {"hang": HANG}),
            logs=tmp_path,
            on_done=ignore,
            on_news=stop,
        )
    assert until(lambda: is_gone(started_in(log, "hang")))


def test_a_lost_scheduler_is_said_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "attempts"
    with dask_processes(tmp_path) as cluster:

        def lose(name: str, news: str) -> None:
            del name, news
            os.kill(cluster.scheduler.pid, signal.SIGKILL)

        with pytest.raises(IncompleteError, match="the Dask scheduler is gone"):
            engine_of(cluster).run(
                Work(exec),
                noted(log, {"hang": HANG}),
                logs=tmp_path,
                on_done=ignore,
                on_news=lose,
            )
        assert until(lambda: is_gone(started_in(log, "hang")))
    # What Dask has to say of it is in its log.
    assert capfd.readouterr() == ("", "")
    assert " ERROR " in (tmp_path / "dask.log").read_text()


def test_no_scheduler_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_sites, "CONNECT_SECONDS", 1)
    engine = DaskEngine(RunningScheduler("tcp://127.0.0.1:9"))
    with pytest.raises(InputError, match=r"no Dask scheduler answers at tcp://127"):
        engine.run(Work(exec), {"a": "pass"}, logs=tmp_path, on_done=ignore)


def test_workers_started_here_speak_tls_on_loopback(tmp_path: Path) -> None:
    with LocalWorkers(2)(tmp_path, 1) as site:
        workers = site.client.scheduler_info()["workers"]
        assert [address[:16] for address in workers] == ["tls://127.0.0.1:"]
        assert site.client.scheduler.address.startswith("tls://127.0.0.1:")
    engine = DaskEngine(LocalWorkers(1))
    pieces = {"a": "6 * 7"}
    outcomes = engine.run(Work(eval), pieces, logs=tmp_path, on_done=ignore)
    assert outcomes["a"].value == 42


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"version": "0.0.0"}, "it was asked by 0.0.0; install the same version"),
        ({"folder": Path("no", "where")}, "must lie on a disk that all machines share"),
    ],
)
def test_a_worker_that_cannot_do_it_says_why(
    changed: dict[str, object], reason: str, tmp_path: Path
) -> None:
    known = {"folder": tmp_path, "version": "0.1.0"}
    order = Order(
        **{
            "name": "a",
            "work": Work(eval),
            "argument": "1",
            "shared": tmp_path,
            "topic": "t",
            **known,
            **changed,
        }
    )
    outcome = run_order(order)
    assert outcome.status == "lost"
    assert reason in outcome.reason
