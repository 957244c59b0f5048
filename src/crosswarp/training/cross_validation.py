"""All cells of an experiment, each in its own process, resumable."""

import importlib.metadata
import math
import platform
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import pandas as pd

from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import IncompleteError, InputError, OccupiedError
from crosswarp.execution.engine import Engine
from crosswarp.execution.isolated import Outcome
from crosswarp.execution.logs import LOGS
from crosswarp.execution.memory import free_bytes
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.execution.work import Work
from crosswarp.files import read_json, write_json
from crosswarp.inputs.store import write_store
from crosswarp.training.baseline import BaselineRequest, fit_baseline
from crosswarp.training.cell import CellRequest
from crosswarp.training.experiment import Experiment, write_experiment
from crosswarp.training.fold import train_fold
from crosswarp.training.logs import LogKind, make_loggers
from crosswarp.training.plan import CACHE, plan_run
from crosswarp.training.pretrained import write_pretraining
from crosswarp.training.scans import DONE, PREDICTIONS

EXPERIMENT: Final = "experiment.yaml"
ENVIRONMENT: Final = "environment.json"
LEDGER: Final = "ledger.tsv"
MISSING: Final = "missing.tsv"
"""Scans that the run goes on without; not there when it has all."""

PRELOADED: Final = ("torch", "lightning", "crosswarp.training.fold")
"""Imported once before the first child: it takes seconds."""

WORK: Final = Work(train_fold, preloaded=PRELOADED)
BASELINE_WORK: Final = Work(
    fit_baseline, preloaded=("crosswarp.training.baseline", "sklearn.svm")
)

Cell: TypeAlias = CellRequest | BaselineRequest

SORTED_BY: Final = (
    "model",
    "repeat",
    "fold",
    "split",
    "participant_id",
    "session_id",
)

_PACKAGES: Final = ("crosswarp", "torch", "lightning", "numpy", "nibabel", "pandas")


def cross_validate(
    experiment: Experiment,
    run: Path,
    *,
    engine: Engine | None = None,
    allow_missing: bool = False,
    logs: tuple[LogKind, ...] = (),
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Train every network on every fold, and put the predictions together.

    Cells that are done, from the same inputs with the same settings, are left as
    they are. The result does not depend on the engine.

    Args:
        experiment: All choices.
        run: Folder of the run.
        engine: Where it runs; one process at a time, on this machine, when None.
        allow_missing: Go on without scans that have no maps.
        logs: Kinds of logs to write while training; they change nothing else.
        progress: Told of every finished cell.

    Returns:
        The predictions, as written to ``predictions.tsv``.

    Raises:
        OccupiedError: If the folder holds something else.
        InputError: If the inputs do not fit together; nothing is trained then.
        IncompleteError: If cells failed; the others are done, ``ledger.tsv`` has all.
    """
    progress = progress or SilentProgress()
    _check_free(run)
    make_loggers(logs, run)  # what is not installed is said now
    plan = plan_run(experiment, allow_missing=allow_missing)
    write_experiment(run / EXPERIMENT, experiment)
    write_json(run / ENVIRONMENT, _environment())
    _write_missing(run / MISSING, plan.missing)
    write_pretraining(run, dict(plan.pretrained), experiment.test_on_pretrained)
    networks = [replace(cell, logs=logs) for cell in plan.cells(run)]
    cells: list[Cell] = [*networks, *plan.baseline_cells(run)]
    todo = {cell.label: cell for cell in cells if not is_done(cell)}
    outcomes: dict[str, Outcome] = {}
    if todo:
        write_store(run / CACHE, plan.samples, plan.grid, progress)
        todo = _shared(todo, engine)
        outcomes = _train(todo, run / LOGS, engine or LocalEngine(), progress)
        shutil.rmtree(run / CACHE)
    write_table(run / LEDGER, _ledger(cells, outcomes))
    predictions = _merge(run, [cell for cell in cells if is_done(cell)])
    failed = [cell for cell in cells if not is_done(cell)]
    if failed:
        first = failed[0].label
        msg = (
            f"{len(failed)} of {len(cells)} cells failed, see {run / LEDGER};"
            f" {first}: {outcomes[first].reason} (log: {outcomes[first].log})"
        )
        raise IncompleteError(msg)
    return predictions


def is_done(cell: Cell) -> bool:
    """Whether a cell was finished from the same inputs with the same settings."""
    path = cell.folder / DONE
    if not path.is_file():
        return False
    return bool(read_json(path).get("fingerprint") == cell.fingerprint)


def only_model(experiment: Experiment) -> None:
    """Refuse an experiment with several networks or tasks.

    Raises:
        InputError: If there is not exactly one.
    """
    if experiment.tasks:
        names = ", ".join(experiment.by_task())
        msg = f"train takes one task, the experiment has {names}; use compare"
        raise InputError(msg)
    if len(experiment.models) != 1:
        names = ", ".join(model.name for model in experiment.models)
        msg = (
            f"train takes exactly one model, the experiment has {names}; use compare"
            " for several"
        )
        raise InputError(msg)


def _check_free(run: Path) -> None:
    occupied = run.is_file() or (run.is_dir() and any(run.iterdir()))
    if occupied and not (run / EXPERIMENT).is_file():
        msg = f"{run} holds something else than a run; choose another folder"
        raise OccupiedError(msg)


def _write_missing(path: Path, missing: pd.DataFrame) -> None:
    if len(missing):
        write_table(path, missing)
    else:
        path.unlink(missing_ok=True)


def _shared(todo: dict[str, Cell], engine: Engine | None) -> dict[str, Cell]:
    """Give the networks of one machine an even share of its memory."""
    networks = {n: cell for n, cell in todo.items() if isinstance(cell, CellRequest)}
    if not isinstance(engine, LocalEngine) or engine.workers == 1 or not networks:
        return todo
    share = free_bytes() / min(engine.workers, len(networks))
    return todo | {
        name: replace(cell, memory_share=share) for name, cell in networks.items()
    }


def _train(
    todo: dict[str, Cell], logs: Path, engine: Engine, progress: Progress
) -> dict[str, Outcome]:
    progress.stage("train", len(todo))

    def note(label: str, outcome: Outcome) -> None:
        progress.advance(f"{label}: {outcome.reason or outcome.status}")

    outcomes: dict[str, Outcome] = {}
    for work, kind in ((BASELINE_WORK, BaselineRequest), (WORK, CellRequest)):
        some = {label: cell for label, cell in todo.items() if isinstance(cell, kind)}
        if some:
            outcomes |= engine.run(
                work, some, logs=logs, on_done=note, on_news=progress.news
            )
    progress.done()
    return outcomes


def _ledger(cells: Sequence[Cell], outcomes: dict[str, Outcome]) -> pd.DataFrame:
    return pd.DataFrame([_row(cell, outcomes.get(cell.label)) for cell in cells])


def _row(cell: Cell, outcome: Outcome | None) -> dict[str, Any]:
    done = read_json(cell.folder / DONE) if is_done(cell) else {}
    seconds = done.get("seconds", outcome.seconds if outcome else None)
    peak = done.get("peak_mb", outcome.peak_mb if outcome else None)
    return {
        "model": cell.model.name,
        "repeat": cell.repeat,
        "fold": cell.fold,
        "status": "ok" if done else outcome.status if outcome else "failed",
        "reason": (outcome.reason if outcome else "") or None,
        "log": f"{LOGS}/{outcome.log.name}" if outcome and outcome.log else None,
        "seconds": seconds,
        "peak_mb": None if peak is None or math.isnan(peak) else round(peak),
        "fingerprint": cell.fingerprint,
    }


def _merge(run: Path, cells: Sequence[Cell]) -> pd.DataFrame:
    if not cells:
        (run / PREDICTIONS).unlink(missing_ok=True)
        return pd.DataFrame()
    merged = pd.concat(
        _sorted([cell for cell in cells if isinstance(cell, kind)])
        # Networks first: what is compared with the first model should be one.
        for kind in (CellRequest, BaselineRequest)
    )
    write_table(run / PREDICTIONS, merged)
    return merged


def _sorted(cells: Sequence[Cell]) -> pd.DataFrame:
    if not cells:
        return pd.DataFrame()
    tables = pd.concat([read_table(cell.folder / PREDICTIONS) for cell in cells])
    return tables.sort_values(list(SORTED_BY), ignore_index=True)


def _environment() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "versions": {name: importlib.metadata.version(name) for name in _PACKAGES},
    }
