"""What can be chosen about where work runs; a command and a study file share it."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Final

WORKERS: Final = 2
"""Processes on this machine when the number is not given."""


class EngineName(StrEnum):
    """Engines, as options and study files name them."""

    LOCAL = "local"
    DASK = "dask"
    SLURM = "slurm"


@dataclass(frozen=True)
class EngineOptions:
    """Where work runs; each choice has its help text in its metadata.

    Attributes:
        name: Processes of this machine, a Dask cluster, or jobs of Slurm.
        workers: Processes at a time (local, dask); `WORKERS` when None.
        scheduler: Address of a running Dask scheduler.
        scheduler_file: File of a running Dask scheduler.
        jobs: Jobs of Slurm at a time.
        partition: Partition of the jobs.
        time: Longest time of a job, as Slurm writes it.
        mem: Memory of a job, as Slurm writes it.
        cores: CPUs per job.
        gres: Generic resources of a job, such as ``gpu:1``.
        account: Account to be charged.
        interface: Network interface that the nodes share with this machine.
        sbatch: Further options of ``sbatch``.
        prologue: Lines of shell to run before the work.
    """

    # As pydantic reads it, which the command line need not load for its help.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: EngineName = field(
        default=EngineName.LOCAL,
        metadata={"help": "Processes here, a Dask cluster, or jobs of Slurm."},
    )
    workers: int | None = field(
        default=None,
        metadata={
            "help": "Number of processes at a time, one CPU each (local, dask);"
            f" {WORKERS} by default."
        },
    )
    scheduler: str | None = field(
        default=None,
        metadata={"help": "Address of a running scheduler, as tcp://host:8786 (dask)."},
    )
    scheduler_file: Path | None = field(
        default=None, metadata={"help": "File of a running scheduler (dask)."}
    )
    jobs: int | None = field(
        default=None, metadata={"help": "Number of jobs at a time (slurm)."}
    )
    partition: str | None = field(
        default=None, metadata={"help": "Partition of the jobs (slurm)."}
    )
    time: str | None = field(
        default=None, metadata={"help": "Longest time of a job, as 02:00:00 (slurm)."}
    )
    mem: str | None = field(
        default=None, metadata={"help": "Memory of a job, as 8G (slurm)."}
    )
    cores: int | None = field(
        default=None,
        metadata={"help": "CPUs per job; that many tasks run in parallel (slurm)."},
    )
    gres: str | None = field(
        default=None, metadata={"help": "Generic resources of a job, as gpu:1 (slurm)."}
    )
    account: str | None = field(
        default=None, metadata={"help": "Account to be charged (slurm)."}
    )
    interface: str | None = field(
        default=None,
        metadata={
            "help": "Network interface that the nodes share with this machine, as ib0"
            " (slurm)."
        },
    )
    sbatch: list[str] | None = field(
        default=None,
        metadata={
            "help": "Further option of sbatch (slurm). May be given several times."
        },
    )
    prologue: list[str] | None = field(
        default=None,
        metadata={
            "help": "Line of shell to run before the work (slurm). May be given several"
            " times."
        },
    )


TAKEN: Final = {
    EngineName.LOCAL: {"workers"},
    EngineName.DASK: {"workers", "scheduler", "scheduler_file"},
    EngineName.SLURM: {
        "jobs",
        "partition",
        "time",
        "mem",
        "cores",
        "gres",
        "account",
        "interface",
        "sbatch",
        "prologue",
    },
}
"""Choices that each engine takes."""
