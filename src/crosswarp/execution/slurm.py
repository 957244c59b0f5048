"""Dask workers in the jobs of a Slurm cluster, through dask-jobqueue."""

import math
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import dask
from dask_jobqueue import SLURMCluster
from distributed import Client
from distributed.security import Security

from crosswarp.errors import IncompleteError, InputError
from crosswarp.execution.dask_sites import NO_PAGES, SCHEDULER_SETTINGS, dask_log

JOB_NAME: Final = "crosswarp"

JOB_LOGS: Final = "jobs"
"""Folder of the jobs' own logs, below the folder for logs."""

_KEEP_SECONDS: Final = 5.0
"""Between two looks into Slurm's queue."""

_SPARE_JOBS: Final = 3
"""Jobs more than were wanted that may end in a row without any answer."""

_SETTINGS: Final = {
    **SCHEDULER_SETTINGS,
    # Else Dask ends, 15 s later, the job that took the place of the lost one.
    "distributed.deploy.lost-worker-timeout": "0s",
}


@dataclass(frozen=True)
class SlurmJobs:
    """Jobs to ask for, each with one Dask worker.

    Attributes:
        jobs: How many at a time.
        mem: Of each, in Slurm's way: ``8G``.
        time: Longest that each may run, in Slurm's way: ``02:00:00``.
        cores: Of each; as many pieces run in it at a time.
        partition: Of the cluster; its default when None.
        account: To be charged, if any.
        gres: Such as ``gpu:1``, if any.
        interface: Network interface that the nodes and this machine share; found by
            Dask when None.
        options: More options of sbatch.
        prologue: Lines of shell before the worker starts.
    """

    jobs: int
    mem: str
    time: str
    cores: int = 1
    partition: str | None = None
    account: str | None = None
    gres: str | None = None
    interface: str | None = None
    options: tuple[str, ...] = ()
    prologue: tuple[str, ...] = ()

    @contextmanager
    def __call__(self, logs: Path, pieces: int) -> Iterator["SlurmSite"]:
        """Submit the jobs, and end them afterwards.

        Args:
            logs: Folder for logs, on a disk that the nodes see.
            pieces: Of work; no more jobs are submitted than they need.

        Raises:
            InputError: If Slurm refuses such jobs; with its words.
        """
        folder = logs / JOB_LOGS
        folder.mkdir(exist_ok=True)
        with (
            dask_log(logs),
            dask.config.set(_SETTINGS),
            SLURMCluster(**self._asked(folder)) as cluster,
            _certificates(cluster),
        ):
            _try_job(cluster.job_script())
            cluster.scale(jobs=self.needed(pieces))
            with Client(cluster, set_as_default=False) as client:
                yield SlurmSite(client, cluster, self, folder)

    def needed(self, pieces: int) -> int:
        """Count the jobs that so many pieces can use."""
        return min(self.jobs, math.ceil(pieces / self.cores))

    def _asked(self, folder: Path) -> dict[str, Any]:
        quoted = str(folder).replace('"', r"\"")
        directives = [f'--output="{quoted}/{JOB_NAME}-%j.log"', *self.options]
        if self.gres is not None:
            directives.append(f"--gres={self.gres}")
        return {
            "cores": self.cores,
            "processes": 1,
            "memory": "1 GB",  # of the worker alone; the job's is job_mem
            "job_mem": self.mem,
            "walltime": self.time,
            "queue": self.partition,
            "account": self.account,
            "interface": self.interface,
            "job_name": JOB_NAME,
            "job_extra_directives": directives,
            "job_script_prologue": list(self.prologue),
            # What a nanny does, start a worker that has ended again, is done by `keep`.
            "nanny": False,
            "worker_extra_args": [
                *("--no-dashboard", "--dashboard-address", NO_PAGES),
                *("--memory-limit", "0"),
            ],
            "security": _QuotedSecurity.temporary(),
            "shared_temp_directory": str(folder),
            "scheduler_options": {"dashboard_address": NO_PAGES, "dashboard": False},
            # The worker is to be the job's own process: Slurm then waits for its end,
            # and kills it if need be. (Dask's may hang when told twice to end.)
            "python": f"exec {shlex.quote(sys.executable)}",
        }


@dataclass
class SlurmSite:
    """Jobs that are kept at their number. Follows `dask_engine.Site`.

    dask-jobqueue never asks Slurm what became of a job: one that ends before its
    worker has called would be waited for without end. So the queue is looked at here.

    Attributes:
        client: Connected to the scheduler.
        cluster: That submits the jobs.
        asked: What is wanted.
        folder: Of the jobs' logs.
    """

    client: Client
    cluster: SLURMCluster
    asked: SlurmJobs
    folder: Path
    _looked: float = field(default_factory=time.monotonic)
    _ended: set[str] = field(default_factory=set)
    _idle: set[str] = field(default_factory=set)
    _answered: int = 0

    def keep(self, answered: int, left: int) -> None:
        """Ask for new jobs where some have ended, end those that are not needed.

        Args:
            answered: Pieces so far.
            left: Pieces that are not answered yet.

        Raises:
            IncompleteError: If job after job ends and no piece is answered.
        """
        now = time.monotonic()
        if now - self._looked < _KEEP_SECONDS:
            return
        self._looked = now
        if answered > self._answered:
            self._answered = answered
            self._ended.clear()
        jobs = {name: job.job_id for name, job in list(self.cluster.workers.items())}
        queued = _queued()
        if queued is None:  # Slurm is busy; it is asked again
            return
        gone = {name: number for name, number in jobs.items() if number not in queued}
        self._ended |= {str(number or name) for name, number in gone.items()}
        wanted = self.asked.needed(left)
        if len(self._ended) >= wanted + _SPARE_JOBS:
            raise IncompleteError(self._hopeless())
        self.client.sync(self._correct, gone, wanted)
        self.cluster.scale(max(wanted, len(self.cluster.worker_spec)))

    async def _correct(self, gone: Mapping[str, str | None], wanted: int) -> None:
        """Forget jobs that are gone, and ask no more for those that are idle.

        A worker is idle when it was so at the last look too: it may just have come.
        """
        cluster = self.cluster
        for name, number in gone.items():
            if name in cluster.workers and cluster.workers[name].job_id == number:
                del cluster.workers[name]
        workers = cluster.scheduler.workers.values()
        busy = {worker.name for worker in workers if worker.processing}
        idle = set(cluster.worker_spec) - busy
        surplus = max(0, len(cluster.worker_spec) - wanted)
        for name in sorted(idle & self._idle)[:surplus]:
            del cluster.worker_spec[name]
        self._idle = idle

    def _hopeless(self) -> str:
        logs = sorted(self.folder.glob("*.log"), key=lambda log: log.stat().st_mtime)
        said = ""
        if logs:
            lines = logs[-1].read_text(encoding="utf-8", errors="replace").split("\n")
            last = next((line for line in reversed(lines) if line.strip()), "nothing")
            said = f"; {logs[-1].name} ends with: {last.strip()}"
        return (
            f"{len(self._ended)} Slurm jobs ended and not one piece of work was done"
            f"{said}; see {self.folder}"
        )


class _QuotedSecurity(Security):  # type: ignore[misc]
    """Certificates whose file names are quoted, since a job script is made of them."""

    def get_tls_config_for_role(self, role: str) -> dict[str, str | None]:
        config = super().get_tls_config_for_role(role)
        if role != "worker":
            return dict(config)
        return {
            key: value if value is None or "\n" in value else shlex.quote(value)
            for key, value in config.items()
        }


@contextmanager
def _certificates(cluster: SLURMCluster) -> Iterator[None]:
    """Delete the workers' keys; dask-jobqueue leaves that to the garbage collector."""
    try:
        yield
    finally:
        for key in ("ca_file", "cert", "key"):
            file = getattr(cluster, f"_job_{key}", None)
            if file is not None:
                file.close()


def _try_job(script: str) -> None:
    """Have Slurm look at a job before any is submitted."""
    tried = subprocess.run(
        ["sbatch", "--test-only"],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode != 0:
        said = " ".join(tried.stderr.split()).removeprefix("sbatch: error: ")
        msg = f"Slurm refuses the jobs: {said}"
        raise InputError(msg)


def _queued() -> set[str] | None:
    """List the numbers of this user's jobs; None when Slurm does not answer."""
    try:
        listed = subprocess.run(
            ["squeue", "--me", "--noheader", "--format=%A"],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    except subprocess.TimeoutExpired:
        return None
    return set(listed.stdout.split()) if listed.returncode == 0 else None
