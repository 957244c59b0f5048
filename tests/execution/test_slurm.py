"""Jobs asked for, lost, replaced and given up, on three shell scripts in Slurm's place.

dask-jobqueue, the scheduler and the workers are real. The real Slurm is in tests/slurm.
"""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from crosswarp.errors import IncompleteError, InputError
from crosswarp.execution import slurm
from crosswarp.execution.dask_engine import DaskEngine, Site
from crosswarp.execution.isolated import Outcome
from crosswarp.execution.slurm import SlurmJobs
from crosswarp.execution.work import Work
from tests.execution.conftest import until

pytestmark = pytest.mark.slow

# A job is a process group; its number is that of its first process.
PROGRAMS = {
    "sbatch": r"""
if [ "$1" = --test-only ]; then
  if grep -q nowhere; then
    echo "sbatch: error: invalid partition specified: nowhere" >&2
    exit 1
  fi
  exit 0
fi
[ -e "$FAKE_SLURM/refusing" ] && exit 1
script=$(mktemp "$FAKE_SLURM/script-XXXXXX")
cp "$1" "$script"
log=$(sed -n 's/^#SBATCH --output="\(.*\)"$/\1/p' "$script")
setsid bash "$script" >"${log%-%j.log}-$$.log" 2>&1 </dev/null &
mkdir -p "$FAKE_SLURM/jobs"
touch "$FAKE_SLURM/jobs/$!"
echo "Submitted batch job $!"
""",
    "squeue": r"""
[ -e "$FAKE_SLURM/busy" ] && exit 1
cd "$FAKE_SLURM/jobs" && for job in *; do
  case $(ps -o stat= -p "$job") in ''|Z*) ;; *) echo "$job" ;; esac
done
exit 0
""",
    "scancel": """
echo "$@" >>"$FAKE_SLURM/cancelled"
[ -e "$FAKE_SLURM/jobs/$1" ] && kill -9 -- "-$1"
""",
}

ASKED = SlurmJobs(jobs=2, mem="2G", time="00:10:00", interface="lo")

# It says in which job it is, again and again, until a file is there.
TELLING = """
import os, pathlib, time
from crosswarp.execution.child import tell
while not pathlib.Path({!r}).exists():
    tell(str(os.getsid(0)))
    time.sleep(0.1)
"""


def ignore(name: str, outcome: Outcome) -> None:
    """Take an outcome and do nothing."""


class FakeSlurm:
    """What the scripts have noted, and how to disturb them."""

    def __init__(self, folder: Path) -> None:
        self.busy = folder / "busy"
        self.refusing = folder / "refusing"
        self._folder = folder

    def submitted(self) -> int:
        return len(list((self._folder / "jobs").glob("*")))

    def running(self) -> list[str]:
        listed = subprocess.run(
            [self._folder / "squeue"], capture_output=True, text=True, check=False
        )
        return listed.stdout.split()

    def cancel(self, job: str) -> None:
        subprocess.run([self._folder / "scancel", job], check=True)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSlurm:
    folder = tmp_path / "slurm"
    folder.mkdir()
    for name, text in PROGRAMS.items():
        program = folder / name
        program.write_text(f"#!/usr/bin/env bash{text}")
        program.chmod(0o755)
    monkeypatch.setenv("FAKE_SLURM", str(folder))
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr(slurm, "_KEEP_SECONDS", 0.5)
    return FakeSlurm(folder)


def test_a_lost_job_is_replaced(fake: FakeSlurm, tmp_path: Path) -> None:
    logs, go = tmp_path / "all logs", tmp_path / "go"
    jobs_of: dict[str, set[str]] = {"a": set(), "b": set()}
    lost: list[str] = []

    def hear(name: str, job: str) -> None:
        jobs_of[name].add(job)
        if not lost and all(jobs_of.values()):
            assert jobs_of["a"] != jobs_of["b"]
            lost.append(job)
            fake.cancel(job)
            fake.busy.touch()  # Slurm does not answer for a while
        elif lost and len(jobs_of["a"] | jobs_of["b"]) == 2:
            fake.busy.unlink(missing_ok=True)
        elif len(jobs_of["a"] | jobs_of["b"]) == 3:
            go.touch()

    pieces = dict.fromkeys("ab", TELLING.format(str(go)))
    outcomes = DaskEngine(ASKED).run(
        Work(exec), pieces, logs=logs, on_done=ignore, on_news=hear
    )
    assert [outcome.status for outcome in outcomes.values()] == ["ok", "ok"]
    assert fake.submitted() == 3
    assert until(lambda: not fake.running())
    kept = [path.name for path in (logs / "jobs").iterdir()]
    assert len(kept) == 3  # no certificate stays
    assert all(name.startswith("crosswarp-") for name in kept)


def test_jobs_end_when_they_are_not_needed(fake: FakeSlurm, tmp_path: Path) -> None:
    ends = {name: tmp_path / name for name in ("long", "short")}
    pieces = {name: TELLING.format(str(end)) for name, end in ends.items()}
    finished: list[str] = []

    def hear(name: str, job: str) -> None:
        del name, job
        jobs = len(fake.running())
        if jobs == 2 and not finished:
            ends["short"].touch()
        if jobs == 1 and finished:
            ends["long"].touch()

    DaskEngine(ASKED).run(
        Work(exec),
        pieces,
        logs=tmp_path,
        on_done=lambda name, _: finished.append(name),
        on_news=hear,
    )
    assert finished == ["short", "long"]
    assert fake.submitted() == 2


def test_no_more_jobs_than_pieces_can_use(fake: FakeSlurm, tmp_path: Path) -> None:
    asked = replace(ASKED, jobs=50, cores=2)
    assert [asked.needed(n) for n in (1, 2, 3, 99, 100, 101)] == [1, 1, 2, 50, 50, 50]
    pieces = dict.fromkeys("ab", "6 * 7")
    outcomes = DaskEngine(asked).run(Work(eval), pieces, logs=tmp_path, on_done=ignore)
    assert [outcome.value for outcome in outcomes.values()] == [42, 42]
    assert fake.submitted() == 1


def test_what_slurm_refuses_is_said_before_a_job(
    fake: FakeSlurm, tmp_path: Path
) -> None:
    engine = DaskEngine(replace(ASKED, partition="nowhere"))
    said = "Slurm refuses the jobs: invalid partition specified: nowhere"
    with pytest.raises(InputError, match=said):
        engine.run(Work(eval), {"a": "1"}, logs=tmp_path, on_done=ignore)
    assert fake.submitted() == 0


def test_jobs_that_end_at_once_are_not_asked_for_without_end(
    fake: FakeSlurm, tmp_path: Path
) -> None:
    engine = DaskEngine(replace(ASKED, prologue=("echo no such module; exit 3",)))
    with pytest.raises(IncompleteError, match="ends with: no such module; see"):
        engine.run(Work(eval), {"a": "1"}, logs=tmp_path, on_done=ignore)
    assert fake.submitted() == 4


def test_the_jobs_ask_for_what_was_asked(fake: FakeSlurm, tmp_path: Path) -> None:
    asked = replace(
        ASKED,
        partition="long",
        account="me",
        gres="gpu:1",
        cores=3,
        options=("--exclude=n7",),
        prologue=("module load cuda",),
    )
    with asked(tmp_path, 1) as site:
        assert isinstance(site, Site)
        lines = site.cluster.job_script().splitlines()
        assert site.client.scheduler.address.startswith("tls://127.0.0.1:")
    directives = {line for line in lines if line.startswith("#SBATCH")}
    assert directives == {
        "#SBATCH -J crosswarp",
        f'#SBATCH --output="{tmp_path}/jobs/crosswarp-%j.log"',
        "#SBATCH -p long",
        "#SBATCH -A me",
        "#SBATCH -n 1",
        "#SBATCH --cpus-per-task=3",
        "#SBATCH --mem=2G",
        "#SBATCH -t 00:10:00",
        "#SBATCH --gres=gpu:1",
        "#SBATCH --exclude=n7",
    }
    assert "module load cuda" in lines
    worker = lines[-1].split()
    assert worker[0] == "exec"
    assert {"--no-nanny", "--no-dashboard", "--tls-key"} <= set(worker)
    assert until(lambda: not fake.running())
