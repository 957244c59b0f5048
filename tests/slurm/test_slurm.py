"""The program on a real Slurm of two nodes, which `scripts/slurm-test` starts."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import yaml

from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.tables import read_table
from crosswarp.inputs.folds import make_folds, write_folds
from tests.tiny_maps import write_tiny_cohort

pytestmark = [
    pytest.mark.slow,
    pytest.mark.slurm,
    pytest.mark.skipif(
        "CROSSWARP_SLURM" not in os.environ, reason="scripts/slurm-test starts Slurm"
    ),
]

SLURM = ("--engine", "slurm", "--jobs", "2", "--time", "00:20:00", "--mem", "6G")
GREEDY = ("--resolution", "2", "--registration", "greedy")
WAIT_SECONDS = 60.0


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "crosswarp", *map(str, words)]


def crosswarp(*words: object, rc: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(*words), capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == rc, done.stdout + done.stderr
    return done


def until(condition: Callable[[], object]) -> bool:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return bool(condition())


def jobs() -> list[str]:
    listed = subprocess.run(
        ["squeue", "--noheader", "--format=%A"],
        capture_output=True,
        text=True,
        check=True,
    )
    return listed.stdout.split()


def at_work(job: str) -> bool:
    """Whether a piece runs in a job: the fork server has a child."""
    for process in psutil.process_iter():
        try:
            if process.environ().get("SLURM_JOB_ID") != job:
                continue
            if "forkserver" in " ".join(process.cmdline()) and process.children():
                return True
        except psutil.Error:
            continue
    return False


def events(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def maps(out: Path) -> dict[str, bytes]:
    kinds = {".gz", ".txt", ".json"}
    files = [path for path in out.glob("sub-*/anat/*") if path.suffix in kinds]
    return {path.name: path.read_bytes() for path in files}


def test_scans_of_a_cancelled_job_are_done_by_another(tmp_path: Path) -> None:
    raw, out, here = (tmp_path / n for n in ("raw", "maps of a cluster", "maps here"))
    crosswarp("simulate", raw, "--participants", 2, "--quiet")
    words = ("preprocess", raw, out, *GREEDY, *SLURM, "--log-json")
    with subprocess.Popen(command(*words), stdout=subprocess.PIPE, text=True) as run:
        assert until(lambda: [job for job in jobs() if at_work(job)])
        cancelled = next(job for job in jobs() if at_work(job))
        subprocess.run(["scancel", "--signal=KILL", "--full", cancelled], check=True)
        said, _ = run.communicate(timeout=200)
    assert run.returncode == 0
    assert said.count("advance") == 2
    assert [e["event"] for e in events(said)][-1] == "message"
    assert set(read_table(out / "ledger.tsv")["status"]) == {"ok"}
    logs = {path.stem.rpartition("-")[2] for path in (out / "logs/jobs").iterdir()}
    assert cancelled in logs
    assert len(logs) >= 2
    assert until(lambda: not jobs())

    crosswarp("preprocess", raw, here, *GREEDY, "--quiet")
    assert len(maps(here)) == 2 * 8
    assert maps(out) == maps(here)


def tiny_experiment(folder: Path) -> Path:
    write_tiny_cohort(folder, participants=12)
    cohort = read_cohort(folder / "cohort.tsv")
    write_folds(folder / "folds.tsv", make_folds(cohort, folds=2))
    choices = {
        "name": "tiny",
        "cohort": "cohort.tsv",
        "derivatives": "derivatives",
        "folds": "folds.tsv",
        "models": [{"like": "compact_jsm", "name": "jsm", "features": 8}],
        "training": {"epochs": 2},
    }
    path = folder / "experiment.yaml"
    path.write_text(yaml.safe_dump(choices))
    return path


def test_a_comparison_gives_the_predictions_of_this_machine(tmp_path: Path) -> None:
    experiment = tiny_experiment(tmp_path)
    there, here = tmp_path / "there", tmp_path / "here"
    crosswarp("compare", experiment, there, *SLURM, "--quiet")
    crosswarp("compare", experiment, here, "--workers", 1, "--quiet")
    predictions = (there / "predictions.tsv").read_bytes()
    assert predictions == (here / "predictions.tsv").read_bytes()
    assert job_logs(there)
    # What is finished asks for no job; logs of earlier ones go with the next call.
    crosswarp("compare", experiment, there, *SLURM, "--quiet")
    assert not job_logs(there)


def job_logs(run: Path) -> list[Path]:
    return list((run / "logs" / "jobs").glob("crosswarp-*.log"))


def test_jobs_end_with_a_killed_driver(tmp_path: Path) -> None:
    experiment, run = tiny_experiment(tmp_path), tmp_path / "run"
    words = command("compare", experiment, run, *SLURM, "--quiet")
    with subprocess.Popen(words) as driver:
        assert until(lambda: len(jobs()) == 2 and any(map(at_work, jobs())))
        driver.kill()
    assert until(lambda: not jobs())
    crosswarp("compare", experiment, run, *SLURM, "--quiet")
    assert set(read_table(run / "ledger.tsv")["status"]) == {"ok"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--partition", "nowhere"],
            "Slurm refuses the jobs: invalid partition specified: nowhere",
        ),
        (
            ["--prologue", "echo no such module; exit 3"],
            "not one piece of work was done; crosswarp-",
        ),
    ],
)
def test_jobs_that_cannot_work_are_said(
    options: list[str], said: str, tmp_path: Path
) -> None:
    experiment = tiny_experiment(tmp_path)
    words = ("compare", experiment, tmp_path / "run", *SLURM, "--quiet", *options)
    done = crosswarp(*words, rc=1)
    assert said in done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    if "module" in options[1]:
        assert "ends with: no such module" in done.stderr
    assert until(lambda: not jobs())
    shutil.rmtree(tmp_path / "run")
