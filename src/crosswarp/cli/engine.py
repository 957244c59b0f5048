"""Where a command's work runs: from options to an engine, all faults named at once."""

import inspect
import re
import shutil
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any, Final, get_type_hints

from crosswarp.cli.engine_options import TAKEN, WORKERS, EngineName, EngineOptions
from crosswarp.errors import InputError, MissingPackageError
from crosswarp.execution.engine import Engine
from crosswarp.execution.slurm_units import megabytes, seconds

WORKER_MB: Final = 1000.0
"""Kept of a job's memory for its Dask worker and the libraries loaded in it."""

ENDING_SECONDS: Final = 60.0
"""Kept of a job's time for its start and its end."""

_NAME: Final = re.compile(r"[\w.,:=/@+-]+")


def takes_engine(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options; its argument ``engine`` becomes the `Engine`.

    Args:
        command: With an argument of that name, which is no option itself.
    """
    hints = get_type_hints(EngineOptions, include_extras=True)
    options = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=hints[field.name],
        )
        for field in fields(EngineOptions)
    ]

    @wraps(command)
    def with_engine(**given: Any) -> None:  # noqa: ANN401 - what the options hold
        chosen = {option.name: given.pop(option.name) for option in options}
        command(**given, engine=build_engine(EngineOptions(**chosen)))

    signature = inspect.signature(command, eval_str=True)
    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in signature.parameters.values()
        if parameter.name != "engine"
    ]
    joined = signature.replace(parameters=[*own, *options])
    vars(with_engine)["__signature__"] = joined
    return with_engine


def build_engine(options: EngineOptions) -> Engine:
    """Make the engine that the options ask for.

    Raises:
        InputError: If options are wrong or do not fit together; names all faults.
        MissingPackageError: If the packages for clusters are not installed.
    """
    check, build = _ENGINES[options.engine]
    faults = [*_strangers(options), *_too_few(options), *check(options)]
    if faults:
        msg = f"--engine {options.engine}: {'; '.join(faults)}"
        raise InputError(msg)
    try:
        return build(options)
    except ModuleNotFoundError as error:
        msg = (
            f"--engine {options.engine} needs {error.name}, which is not installed;"
            " pip install 'crosswarp[cluster]'"
        )
        raise MissingPackageError(msg) from error


def _strangers(options: EngineOptions) -> list[str]:
    """Name options that only another engine takes."""
    given = [
        field.name
        for field in fields(options)
        if field.name != "engine" and getattr(options, field.name) not in (None, [])
    ]
    return [
        f"{_spelled(name)} is for --engine"
        f" {' or '.join(e for e, taken in TAKEN.items() if name in taken)}"
        for name in given
        if name not in TAKEN[options.engine]
    ]


def _too_few(options: EngineOptions) -> list[str]:
    return [
        f"{_spelled(name)} must be 1 or more, got {value}"
        for name in ("workers", "jobs", "cores")
        if (value := getattr(options, name)) is not None and value < 1
    ]


def _spelled(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _check_local(options: EngineOptions) -> list[str]:
    del options
    return []


def _check_dask(options: EngineOptions) -> list[str]:
    file = options.scheduler_file
    faults = []
    if options.scheduler is not None and file is not None:
        faults.append("give --scheduler or --scheduler-file, not both")
    if options.workers is not None and (options.scheduler or file):
        faults.append("a running scheduler has its own workers, leave --workers out")
    if file is not None and not file.is_file():
        faults.append(f"no scheduler file at {file}")
    return faults


def _check_slurm(options: EngineOptions) -> list[str]:
    faults = [
        f"{_spelled(name)} is needed"
        for name in ("jobs", "time", "mem")
        if getattr(options, name) is None
    ]
    faults += [
        f"{_spelled(name)} cannot be {value!r}"
        for name in ("partition", "gres", "account", "interface")
        if (value := getattr(options, name)) is not None and not _NAME.fullmatch(value)
    ]
    faults += [
        f"{_spelled(name)} takes one line at a time, repeat it"
        for name in ("sbatch", "prologue")
        if any("\n" in line for line in getattr(options, name) or [])
    ]
    faults += [*_check_time(options.time), *_check_memory(options.mem)]
    if shutil.which("sbatch") is None:
        faults.append("there is no sbatch here; log in where jobs are submitted")
    return faults


def _check_time(time: str | None) -> list[str]:
    if time is None:
        return []
    found = seconds(time)
    if found is None:
        return [f"--time {time!r} is not a time such as 02:00:00 or 1-12:00:00"]
    if found <= ENDING_SECONDS:
        return [f"--time {time} leaves nothing: a job needs {ENDING_SECONDS:g} s alone"]
    return []


def _check_memory(mem: str | None) -> list[str]:
    if mem is None:
        return []
    found = megabytes(mem)
    if found is None:
        return [f"--mem {mem!r} is not a memory such as 8G or 8000M"]
    if found <= WORKER_MB:
        return [f"--mem {mem} leaves nothing: the worker needs {WORKER_MB:g} MB alone"]
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
            Callable[[EngineOptions], list[str]],
            Callable[[EngineOptions], Engine],
        ],
    ]
] = {
    EngineName.LOCAL: (_check_local, _local),
    EngineName.DASK: (_check_dask, _dask),
    EngineName.SLURM: (_check_slurm, _slurm),
}
