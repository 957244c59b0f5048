"""From what is chosen to an engine, all faults named at once."""

import re
import shutil
from collections.abc import Callable
from dataclasses import fields
from typing import Final, TypeAlias

from crosswarp.errors import InputError, MissingPackageError
from crosswarp.execution.engine import Engine
from crosswarp.execution.options import TAKEN, WORKERS, EngineName, EngineOptions
from crosswarp.execution.slurm_units import megabytes, seconds

WORKER_MB: Final = 1000.0
"""Kept of a job's memory for its Dask worker and the libraries loaded in it."""

ENDING_SECONDS: Final = 60.0
"""Kept of a job's time for its start and its end."""

Spell: TypeAlias = Callable[[str], str]
"""Gives the name of a choice as the user typed it."""

_NAME: Final = re.compile(r"[\w.,:=/@+-]+")


def as_key(name: str) -> str:
    """Spell a choice as a key of a study file; that of the engine is its section."""
    return "engine" if name == "name" else name


def build_engine(options: EngineOptions, spell: Spell = as_key) -> Engine:
    """Make the engine that is asked for.

    Args:
        options: What was chosen.
        spell: How messages name a choice.

    Raises:
        InputError: If options are wrong or do not fit together; names all faults.
        MissingPackageError: If the packages for clusters are not installed.
    """
    _, build = _ENGINES[options.name]
    called = f"{spell('name')} {options.name}"
    if faults := engine_faults(options, spell):
        msg = f"{called}: {'; '.join(faults)}"
        raise InputError(msg)
    try:
        return build(options)
    except ModuleNotFoundError as error:
        msg = (
            f"{called} needs {error.name}, which is not installed;"
            " pip install 'crosswarp[cluster]'"
        )
        raise MissingPackageError(msg) from error


def engine_faults(options: EngineOptions, spell: Spell = as_key) -> list[str]:
    """Say what is wrong with what was chosen; arguments as for `build_engine`."""
    check, _ = _ENGINES[options.name]
    return [
        *_strangers(options, spell),
        *_too_few(options, spell),
        *check(options, spell),
    ]


def _strangers(options: EngineOptions, spell: Spell) -> list[str]:
    """Name choices that only another engine takes."""
    given = [
        field.name
        for field in fields(options)
        if field.name != "name" and getattr(options, field.name) not in (None, [])
    ]
    return [
        f"{spell(name)} is for {spell('name')}"
        f" {' or '.join(e for e, taken in TAKEN.items() if name in taken)}"
        for name in given
        if name not in TAKEN[options.name]
    ]


def _too_few(options: EngineOptions, spell: Spell) -> list[str]:
    return [
        f"{spell(name)} must be 1 or more, got {value}"
        for name in ("workers", "jobs", "cores")
        if (value := getattr(options, name)) is not None and value < 1
    ]


def _check_local(options: EngineOptions, spell: Spell) -> list[str]:
    del options, spell
    return []


def _check_dask(options: EngineOptions, spell: Spell) -> list[str]:
    file = options.scheduler_file
    faults = []
    if options.scheduler is not None and file is not None:
        faults.append(
            f"give {spell('scheduler')} or {spell('scheduler_file')}, not both"
        )
    if options.workers is not None and (options.scheduler or file):
        faults.append(
            f"a running scheduler has its own workers, leave {spell('workers')} out"
        )
    if file is not None and not file.is_file():
        faults.append(f"no scheduler file at {file}")
    return faults


def _check_slurm(options: EngineOptions, spell: Spell) -> list[str]:
    faults = [
        f"{spell(name)} is needed"
        for name in ("jobs", "time", "mem")
        if getattr(options, name) is None
    ]
    faults += [
        f"{spell(name)} cannot be {value!r}"
        for name in ("partition", "gres", "account", "interface")
        if (value := getattr(options, name)) is not None and not _NAME.fullmatch(value)
    ]
    faults += [
        f"{spell(name)} takes one line at a time, repeat it"
        for name in ("sbatch", "prologue")
        if any("\n" in line for line in getattr(options, name) or [])
    ]
    faults += [*_check_time(options.time, spell), *_check_memory(options.mem, spell)]
    if shutil.which("sbatch") is None:
        faults.append("there is no sbatch here; log in where jobs are submitted")
    return faults


def _check_time(time: str | None, spell: Spell) -> list[str]:
    if time is None:
        return []
    found, called = seconds(time), spell("time")
    if found is None:
        return [f"{called} {time!r} is not a time such as 02:00:00 or 1-12:00:00"]
    if found <= ENDING_SECONDS:
        return [f"{called} {time} leaves nothing: it needs {ENDING_SECONDS:g} s alone"]
    return []


def _check_memory(mem: str | None, spell: Spell) -> list[str]:
    if mem is None:
        return []
    found, called = megabytes(mem), spell("mem")
    if found is None:
        return [f"{called} {mem!r} is not a memory such as 8G or 8000M"]
    if found <= WORKER_MB:
        needed = f"the worker needs {WORKER_MB:g} MB alone"
        return [f"{called} {mem} leaves nothing: {needed}"]
    return []


def _local(options: EngineOptions) -> Engine:
    from crosswarp.execution.pool import LocalEngine

    return LocalEngine(options.workers or WORKERS)


def _dask(options: EngineOptions) -> Engine:
    from crosswarp.execution.dask_engine import DaskEngine
    from crosswarp.execution.dask_sites import LocalWorkers, RunningScheduler

    if options.scheduler is None and options.scheduler_file is None:
        return DaskEngine(LocalWorkers(options.workers or WORKERS))
    return DaskEngine(RunningScheduler(options.scheduler, options.scheduler_file))


def _slurm(options: EngineOptions) -> Engine:
    """Make jobs of Slurm; a piece is ended before its job would be, so it is named."""
    from crosswarp.execution.dask_engine import DaskEngine
    from crosswarp.execution.slurm import SlurmJobs

    jobs, mem, time = options.jobs or 1, options.mem or "", options.time or ""
    cores = options.cores or 1
    asked = SlurmJobs(
        jobs,
        mem,
        time,
        cores,
        options.partition,
        options.account,
        options.gres,
        options.interface,
        tuple(options.sbatch or ()),
        tuple(options.prologue or ()),
    )
    memory_mb = ((megabytes(mem) or 0.0) - WORKER_MB) / cores
    timeout_s = (seconds(time) or 0.0) - ENDING_SECONDS
    return DaskEngine(asked, memory_mb=memory_mb, timeout_s=timeout_s)


_ENGINES: Final[
    dict[
        EngineName,
        tuple[
            Callable[[EngineOptions, Spell], list[str]],
            Callable[[EngineOptions], Engine],
        ],
    ]
] = {
    EngineName.LOCAL: (_check_local, _local),
    EngineName.DASK: (_check_dask, _dask),
    EngineName.SLURM: (_check_slurm, _slurm),
}
