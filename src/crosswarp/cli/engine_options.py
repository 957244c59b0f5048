"""The options that say where a command's work runs."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

WORKERS: Final = 2
"""Processes on this machine when the number is not given."""


class EngineName(StrEnum):
    """Engines, as the option has them."""

    LOCAL = "local"
    DASK = "dask"
    SLURM = "slurm"


def _option(text: str) -> Any:  # noqa: ANN401 - as typer.Option
    return typer.Option(help=text, rich_help_panel="Where it runs")


@dataclass(frozen=True)
class EngineOptions:
    """The options as they were given; their help texts say what each is."""

    engine: Annotated[
        EngineName, _option("Processes here, a Dask cluster, or jobs of Slurm.")
    ] = EngineName.LOCAL
    workers: Annotated[
        int | None,
        _option(f"local, dask: at a time, one core each; {WORKERS} by default."),
    ] = None
    scheduler: Annotated[
        str | None, _option("dask: address of a running scheduler, tcp://host:8786.")
    ] = None
    scheduler_file: Annotated[
        Path | None, _option("dask: file of a running scheduler.")
    ] = None
    jobs: Annotated[int | None, _option("slurm: jobs at a time.")] = None
    partition: Annotated[str | None, _option("slurm: of the jobs.")] = None
    time: Annotated[str | None, _option("slurm: longest time of a job, 02:00:00.")] = (
        None
    )
    mem: Annotated[str | None, _option("slurm: memory of a job, 8G.")] = None
    cores: Annotated[
        int | None, _option("slurm: of a job; as many pieces at a time in it.")
    ] = None
    gres: Annotated[str | None, _option("slurm: such as gpu:1.")] = None
    account: Annotated[str | None, _option("slurm: to be charged.")] = None
    interface: Annotated[
        str | None, _option("slurm: network that the nodes share with us, ib0.")
    ] = None
    sbatch: Annotated[
        list[str] | None, _option("slurm: one more option of sbatch; repeatable.")
    ] = None
    prologue: Annotated[
        list[str] | None, _option("slurm: line of shell before the work; repeatable.")
    ] = None


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
"""Which options each engine takes."""
