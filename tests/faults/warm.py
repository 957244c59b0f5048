"""Commands in processes that are forked from one that has imported everything.

A command under test would import torch for seconds each time. Here one server does so
once, and forks a process a command; the command's own children are forked from it in
place of its fork server. Nothing else of a command is replaced, but what would take
minutes (`tests.faults.stand_ins`).

Started as ``python -m tests.faults.warm``: one line of JSON a request, one an answer.
"""

import contextlib
import ctypes
import importlib
import importlib.util
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from multiprocessing import forkserver, util
from pathlib import Path

MODULES = (
    "torch",
    "lightning",
    "matplotlib.pyplot",
    "sklearn.svm",
    "sklearn.linear_model",
    "crosswarp.cli.main",
    "crosswarp.bids.new_table",
    "crosswarp.bids.matching",
    "crosswarp.preprocessing.cohort",
    "crosswarp.evaluation.evaluate",
    "crosswarp.power.run",
    "crosswarp.explanation.explain",
    "crosswarp.inputs.folds",
    "crosswarp.models.export.write",
    "crosswarp.prediction.predict",
    "crosswarp.pretraining.pretrain",
    "crosswarp.report.assemble",
    "crosswarp.simulation.cohort",
    "crosswarp.training.cross_validation",
    "crosswarp.training.tasks",
    "tests.faults.stand_ins",
)

SUBREAPER = 36
LINE = 240
INJECT = Path(__file__).parent / "inject" / "sitecustomize.py"


def serve() -> None:
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    for name in MODULES:
        importlib.import_module(name)
    importlib.import_module("crosswarp.registration.template").load_template(2)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps({"codes": _answer(json.loads(line))}) + "\n")
        answers.flush()


def _answer(request: dict) -> list[int]:
    """Run a command, and a second one beside it where one is asked for."""
    limit = request.get("limit_s", 120.0)
    pid = _fork(request)
    if kill := request.get("kill"):
        time.sleep(kill["after_s"])
        _kill(pid, kill["whom"])
    if "second" not in request:
        return [_wait(pid, limit)]
    _until_events(request["fault"]["log"], request["after"], limit)
    second = _fork(request["second"])
    if request["fault"].get("what") == "stop":
        _, status = os.waitpid(second, 0)
        _signal_tree(pid, signal.SIGCONT)
        return [_wait(pid, limit), os.waitstatus_to_exitcode(status)]
    codes = _wait_both(pid, second, limit)
    return [codes[pid], codes[second]]


def _fork(request: dict) -> int:
    pid = os.fork()
    if pid == 0:
        _become(request)
    return pid


def _until_events(log: str, count: int, limit: float) -> None:
    until = time.monotonic() + limit
    while time.monotonic() < until:
        if Path(log).is_file() and Path(log).stat().st_size >= count * LINE:
            break
        time.sleep(0.005)
    # The event is logged before it is disturbed.
    time.sleep(0.2)


def _tree(pid: int) -> list[int]:
    """Name a process and those below it, the oldest first."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(
                path.read_text().rpartition(")")[2].split()[1]
            )
    found = [pid]
    for known in found:
        found += sorted(child for child, parent in parents.items() if parent == known)
    return found


def _signal_tree(pid: int, number: int) -> None:
    for one in _tree(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, number)


def _kill(pid: int, whom: str) -> None:
    tree = _tree(pid)
    victim = tree[-1] if whom == "child" else pid
    with contextlib.suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)


def _wait_both(pid: int, second: int, limit: float) -> dict[int, int]:
    codes = {pid: -99, second: -99}
    until = time.monotonic() + limit
    while time.monotonic() < until:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return codes
        if ended in codes:
            codes[ended] = os.waitstatus_to_exitcode(status)
        if ended == 0:
            time.sleep(0.005)
    _end_all()
    return codes


def _wait(pid: int, limit: float) -> int:
    """Wait for a command and for all that it left running."""
    code, until = None, time.monotonic() + limit
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)
        if ended == 0:
            if time.monotonic() > until:
                code = -99
                _end_all()
            time.sleep(0.005)
    return -99 if code is None else code


def _end_all() -> None:
    own = str(os.getpid())
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if path.read_text().rpartition(")")[2].split()[1] == own:
                os.kill(int(path.parent.name), signal.SIGKILL)


def _become(request: dict) -> None:
    os.setsid()
    os.chdir(request["cwd"])
    os.environ.update(request.get("env", {}))
    tempfile.tempdir = None
    for number, name in ((1, "stdout"), (2, "stderr")):
        opened = os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, number)
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115
    _fork_children()
    stand_ins = importlib.import_module("tests.faults.stand_ins")
    stand_ins.take_place()
    for limit, value in request.get("limits", {}).items():
        stand_ins.limit(limit, value)
    if request.get("fault"):
        _injected().install(request["fault"])
    sys.argv = ["crosswarp", *request["words"]]
    os._exit(_main())


def _main() -> int:
    from crosswarp.cli.main import main

    code: object = 0
    try:
        main()
    except SystemExit as error:
        code = error.code
    except BaseException:  # noqa: BLE001 - as the interpreter prints it
        sys.excepthook(*sys.exc_info())
        code = 1
    util._exit_function()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    return code if isinstance(code, int) else 1


def _fork_children() -> None:
    from crosswarp.execution import forking, isolated

    for module in (forking, isolated):
        module.CONTEXT = multiprocessing.get_context("fork")
    forkserver.ensure_running = lambda: None


def _injected():
    spec = importlib.util.spec_from_file_location("injected_faults", INJECT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    serve()
