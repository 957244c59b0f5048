"""Real processes that end in every way; a piece of work is Python text for `exec`."""

import ctypes
import math
import os
import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.execution.isolated import preload, run_isolated

WAIT_SECONDS = 10.0


def until(condition: Callable[[], bool]) -> bool:
    """Whether it comes true within a few seconds."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def test_the_result_comes_back() -> None:
    outcome = run_isolated(math.sqrt, 9.0)
    assert (outcome.status, outcome.value) == ("ok", 3.0)
    assert (outcome.reason, outcome.detail) == ("", "")


def test_a_large_result_comes_back_whole() -> None:
    assert run_isolated(bytes, 20_000_000).value == bytes(20_000_000)


def test_the_work_is_done_in_another_process() -> None:
    assert run_isolated(eval, "__import__('os').getpid()").value != os.getpid()


def test_our_error_is_one_line() -> None:
    outcome = run_isolated(Diagnosis.parse, "Demenita")
    assert outcome.status == "failed"
    assert outcome.reason == (
        "unknown diagnosis 'Demenita', expected CN, MCI or AD; did you mean AD?"
    )
    assert "InputError" in outcome.detail


def test_another_error_has_its_type_and_its_traceback() -> None:
    outcome = run_isolated(exec, "raise ValueError('two\\nlines')")
    assert (outcome.status, outcome.reason) == ("failed", "ValueError: two lines")
    assert "Traceback" in outcome.detail


def test_an_exit_is_a_failure() -> None:
    assert run_isolated(sys.exit, 3).reason == "SystemExit: 3"


def test_a_segmentation_fault_is_a_crash_with_its_place() -> None:
    outcome = run_isolated(ctypes.string_at, 0)
    assert (outcome.status, outcome.reason) == ("crash", "stopped by SIGSEGV")
    assert "string_at" in outcome.detail
    assert math.isnan(outcome.peak_mb)


def test_a_kill_from_outside_points_at_the_memory() -> None:
    outcome = run_isolated(signal.raise_signal, signal.SIGKILL)
    assert outcome.status == "crash"
    assert outcome.reason.startswith("stopped by SIGKILL; often")


def test_an_end_without_an_answer_is_a_crash() -> None:
    outcome = run_isolated(os._exit, 3)
    assert outcome.status == "crash"
    assert outcome.reason == "ended without an answer, exit code 3"


def test_a_hang_is_ended() -> None:
    outcome = run_isolated(time.sleep, 60, timeout_s=0.3)
    assert (outcome.status, outcome.reason) == ("timeout", "took longer than 0.3 s")
    assert outcome.seconds < WAIT_SECONDS


def test_what_a_hanging_child_started_ends_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    work = (
        "import subprocess, time\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    assert run_isolated(exec, work, timeout_s=1.5).status == "timeout"
    grandchild = int(note.read_text())
    assert until(lambda: not psutil.pid_exists(grandchild) or is_zombie(grandchild))


def is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_too_much_memory_is_ended() -> None:
    work = "import time; held = bytearray(b'x') * 400_000_000; time.sleep(60)"
    outcome = run_isolated(exec, work, memory_mb=200.0, timeout_s=30.0)
    assert outcome.status == "memory"
    assert "over the limit of 200 MB" in outcome.reason
    assert outcome.peak_mb > 200


def test_within_the_limits_all_is_well() -> None:
    outcome = run_isolated(time.sleep, 0.5, memory_mb=2000.0, timeout_s=30.0)
    assert outcome.status == "ok"


def test_no_memory_is_not_a_failure_of_the_work() -> None:
    outcome = run_isolated(bytearray, 2**60)
    assert (outcome.status, outcome.reason) == ("memory", "MemoryError")


def test_peak_memory_counts_what_was_given_back() -> None:
    small = run_isolated(exec, "pass").peak_mb
    large = run_isolated(exec, "held = bytearray(b'x') * 300_000_000; del held").peak_mb
    assert 250 < large - small < 350


def test_what_is_printed_stays_off_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    work = "import os; os.system('echo from C; echo loud >&2'); print('py'); 1 / 0"
    outcome = run_isolated(exec, work)
    assert {"from C", "loud", "py"} <= set(outcome.detail.splitlines())
    assert capfd.readouterr() == ("", "")


def test_a_result_that_cannot_be_sent_is_a_failure() -> None:
    outcome = run_isolated(open, os.devnull)
    assert outcome.status == "failed"
    assert outcome.reason.startswith("the result cannot be sent back: TypeError")


def test_a_function_that_cannot_be_imported_is_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = types.ModuleType("only_here")
    exec("def work(argument): pass", module.__dict__)
    monkeypatch.setitem(sys.modules, "only_here", module)
    outcome = run_isolated(module.work, None)
    assert outcome.status == "failed"
    assert outcome.reason == "ModuleNotFoundError: No module named 'only_here'"


def test_libraries_get_their_threads() -> None:
    variable = "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"
    assert run_isolated(os.getenv, variable).value == "1"
    assert run_isolated(os.getenv, variable, threads=3).value == "3"


def test_the_variables_of_this_process_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    run_isolated(math.sqrt, 1.0)
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ


def test_threads_may_run_children_at_once() -> None:
    outcomes = {}

    def run(code: int) -> None:
        outcomes[code] = run_isolated(os._exit, code).reason

    threads = [threading.Thread(target=run, args=(code,)) for code in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {
        code: f"ended without an answer, exit code {code}" for code in range(1, 7)
    }


def run_script(text: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", text, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("sleep", ["time.sleep(60)", "ctypes.PyDLL(None).sleep(60)"])
def test_a_child_dies_with_its_parent(tmp_path: Path, sleep: str) -> None:
    # The second sleep holds Python's lock, as registration libraries do.
    note = tmp_path / "pid"
    work = (
        "import ctypes, os, time\n"
        f"open({str(note)!r}, 'w').write(str(os.getpid()) + '.')\n{sleep}"
    )
    script = (
        "import sys; from crosswarp.execution.isolated import run_isolated;"
        "run_isolated(exec, sys.argv[1])"
    )
    with run_script(script, work) as parent:
        assert until(lambda: note.is_file() and note.read_text().endswith("."))
        child = int(note.read_text()[:-1])
        assert psutil.pid_exists(child)
        parent.kill()
        parent.communicate()
    assert until(lambda: not psutil.pid_exists(child) or is_zombie(child))


def test_what_is_preloaded_is_there_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "heavy.py").write_text("import os; loaded_in = os.getpid()")
    script = (
        "from crosswarp.execution.isolated import preload, run_isolated;"
        "preload(['heavy', 'not_installed_anywhere']);"
        'work = \'(__import__("sys").modules["heavy"].loaded_in,'
        ' __import__("os").getpid())\';'
        "print(run_isolated(eval, work).value)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    loaded_in, worked_in = eval(done.stdout)
    assert loaded_in != worked_in


def test_torch_gets_its_threads_though_it_was_loaded_before() -> None:
    script = (
        "from crosswarp.execution.isolated import preload, run_isolated;"
        "preload(['torch']);"
        'work = \'__import__("sys").modules["torch"].get_num_threads()\';'
        "print([run_isolated(eval, work, threads=n).value for n in (1, 2)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[1, 2]\n"


def test_a_crash_has_its_place_whatever_was_preloaded() -> None:
    script = (
        "import ctypes;"
        "from crosswarp.execution.isolated import preload, run_isolated;"
        "preload(['torch', 'sklearn.linear_model', 'scipy.ndimage', 'pandas']);"
        "print(run_isolated(ctypes.string_at, 0).detail)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "string_at" in done.stdout
    assert "Extension modules" not in done.stdout


def test_preloading_nothing_is_harmless() -> None:
    preload(["not_installed_anywhere"])
    assert run_isolated(math.sqrt, 4.0).value == 2.0


@pytest.mark.parametrize(
    ("work", "status"),
    [
        ("raise RuntimeError('std::bad_alloc')", "memory"),
        ("open('/no/where')", "machine"),
        ("raise OSError(28, 'No space left on device')", "disk"),
        ("raise ValueError('no image')", "failed"),
    ],
)
def test_the_machines_fault_is_not_the_works(work: str, status: str) -> None:
    outcome = run_isolated(exec, work)
    assert outcome.status == status
    assert "Traceback" in outcome.detail


def with_path(folder: Path) -> dict[str, str]:
    """Variables with which modules in a folder can be imported."""
    known = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{known}"}


def test_the_end_of_the_fork_server_is_said_and_the_next_goes_on() -> None:
    """In a process of its own: the next server of this one would import everything."""
    work = "import os, signal; os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)"
    script = (
        "from crosswarp.execution.isolated import run_isolated\n"
        f"outcome = run_isolated(exec, {f'import time; {work}'!r})\n"
        "print(outcome.status, outcome.reason, sep=': ')\n"
        "print(run_isolated(eval, '6 * 7').value)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [
        "crash: stopped with the process that starts all others, which was ended",
        "42",
    ]


def test_a_fork_server_that_is_killed_while_it_starts_is_replaced(
    tmp_path: Path,
) -> None:
    """It took seconds to load what is preloaded, and the memory ran out."""
    mark = tmp_path / "mark"
    (tmp_path / "heavy.py").write_text(
        "import os, pathlib, signal\n"
        f"mark = pathlib.Path({str(mark)!r})\n"
        "if not mark.exists():\n"
        "    mark.touch(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    script = (
        "from crosswarp.execution.isolated import preload, run_isolated;"
        "preload(['heavy']); print(run_isolated(eval, '6 * 7').value)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env=with_path(tmp_path),
    )
    assert (done.stdout, done.stderr) == ("42\n", "")
    assert mark.exists()


def test_a_fork_server_that_never_starts_is_said(tmp_path: Path) -> None:
    (tmp_path / "heavy.py").write_text("import os; os.kill(os.getpid(), 9)")
    script = (
        "from crosswarp.execution.isolated import preload, run_isolated\n"
        "preload(['heavy'])\n"
        "try: run_isolated(eval, '6 * 7')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env=with_path(tmp_path),
    )
    assert done.stdout.startswith("MachineError the process that starts all others was")
    assert done.stderr == ""
