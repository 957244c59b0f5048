"""Options that say where work runs: what they make, and every fault at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crosswarp.cli.engine import engine_of
from crosswarp.errors import InputError, MissingPackageError
from crosswarp.execution.build import build_engine
from crosswarp.execution.dask_engine import DaskEngine
from crosswarp.execution.dask_sites import LocalWorkers, RunningScheduler
from crosswarp.execution.engine import Engine
from crosswarp.execution.options import EngineName, EngineOptions
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.slurm import SlurmJobs


@pytest.fixture
def sbatch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where jobs are submitted, as far as the PATH tells."""
    program = tmp_path / "bin" / "sbatch"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_here_is_the_default() -> None:
    assert engine_of(EngineOptions()) == LocalEngine(2)
    assert engine_of(EngineOptions(workers=5)) == LocalEngine(5)


def test_dask_here_or_where_a_scheduler_runs(tmp_path: Path) -> None:
    dask = EngineName.DASK
    file = tmp_path / "scheduler.json"
    file.touch()
    assert engine_of(EngineOptions(dask, workers=3)) == DaskEngine(LocalWorkers(3))
    assert engine_of(EngineOptions(dask, scheduler="tcp://a:1")) == DaskEngine(
        RunningScheduler("tcp://a:1")
    )
    engine = engine_of(EngineOptions(dask, scheduler_file=file))
    assert engine == DaskEngine(RunningScheduler(file=file))
    assert isinstance(engine, Engine)


@pytest.mark.usefixtures("sbatch")
def test_slurm_pieces_end_before_their_job_does() -> None:
    options = EngineOptions(
        EngineName.SLURM,
        jobs=50,
        partition="long",
        time="1-00:00:00",
        mem="16G",
        cores=2,
        gres="gpu:1",
        account="me",
        interface="ib0",
        sbatch=["--exclusive"],
        prologue=["module load cuda"],
    )
    engine = engine_of(options)
    assert isinstance(engine, DaskEngine)
    assert engine.connect == SlurmJobs(
        jobs=50,
        mem="16G",
        time="1-00:00:00",
        cores=2,
        partition="long",
        account="me",
        gres="gpu:1",
        interface="ib0",
        options=("--exclusive",),
        prologue=("module load cuda",),
    )
    assert engine.timeout_s == 24 * 3600 - 60
    assert engine.memory_mb == pytest.approx((16 * 1073.741824 - 1000) / 2)


@pytest.mark.usefixtures("sbatch")
@pytest.mark.parametrize(
    ("options", "faults"),
    [
        (EngineOptions(workers=0), ["--workers must be 1 or more, got 0"]),
        (
            EngineOptions(jobs=3, scheduler="tcp://a:1", sbatch=["-x"]),
            [
                "--scheduler is for --engine dask",
                "--jobs is for --engine slurm",
                "--sbatch is for --engine slurm",
            ],
        ),
        (
            EngineOptions(
                EngineName.DASK,
                workers=2,
                scheduler="tcp://a:1",
                scheduler_file=Path("nowhere.json"),
                mem="8G",
            ),
            [
                "--mem is for --engine slurm",
                "give --scheduler or --scheduler-file, not both",
                "a running scheduler has its own workers",
                "no scheduler file at nowhere.json",
            ],
        ),
        (
            EngineOptions(EngineName.SLURM, workers=2),
            [
                "--workers is for --engine local or dask",
                "--jobs is needed",
                "--time is needed",
                "--mem is needed",
            ],
        ),
        (
            EngineOptions(
                EngineName.SLURM,
                jobs=0,
                cores=0,
                time="soon",
                mem="8 GB",
                partition="a b",
                prologue=["a\nb"],
            ),
            [
                "--jobs must be 1 or more, got 0",
                "--cores must be 1 or more, got 0",
                "--partition cannot be 'a b'",
                "--prologue takes one line at a time",
                "--time 'soon' is not a time such as 02:00:00",
                "--mem '8 GB' is not a memory such as 8G",
            ],
        ),
        (
            EngineOptions(EngineName.SLURM, jobs=1, time="1", mem="500M"),
            ["--time 1 leaves nothing", "--mem 500M leaves nothing"],
        ),
    ],
)
def test_all_faults_are_named_at_once(
    options: EngineOptions, faults: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        engine_of(options)
    for fault in faults:
        assert fault in str(caught.value)
    assert str(caught.value).startswith(f"--engine {options.name}: --")
    assert str(caught.value).count(";") == len(faults) - 1


def test_no_sbatch_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    options = EngineOptions(EngineName.SLURM, jobs=1, time="60", mem="8G")
    with pytest.raises(InputError, match="there is no sbatch here"):
        engine_of(options)


def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "crosswarp.execution.dask_engine")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(
        MissingPackageError, match=r"needs distributed.*'crosswarp\[cluster\]'"
    ):
        engine_of(EngineOptions(EngineName.DASK))


def test_without_a_command_line_faults_speak_of_keys() -> None:
    with pytest.raises(InputError, match=r"^engine dask: mem is for engine slurm$"):
        build_engine(EngineOptions(EngineName.DASK, mem="8G"))


@pytest.mark.parametrize("command", ["preprocess", "compare"])
def test_commands_take_the_options_alike(command: str, tmp_path: Path) -> None:
    words = [command, "a", str(tmp_path / "out"), "--engine", "slurm", "--jobs", "0"]
    done = subprocess.run(
        [sys.executable, "-m", "crosswarp", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: --engine slurm: --jobs must be 1 or more")
    assert "--mem is needed" in done.stderr
    assert done.stderr.count("\n") == 1


def test_work_here_loads_nothing_of_dask() -> None:
    program = (
        "import sys, crosswarp.cli.main; from crosswarp.cli.engine import *;"
        "engine_of(EngineOptions()); names = ('dask', 'distributed');"
        "print([name for name in names if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
