"""All cells of an experiment, each in its own process, resumable."""

import math
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import pandas as pd

from crosswarp.bids.tables import write_table
from crosswarp.documents import read_object, read_settings
from crosswarp.errors import IncompleteError, OccupiedError
from crosswarp.execution.engine import Engine
from crosswarp.execution.logs import LOGS
from crosswarp.execution.memory import free_bytes
from crosswarp.execution.outcome import Outcome
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.execution.work import Work
from crosswarp.inputs.passed_over import write_rows
from crosswarp.inputs.store import write_store
from crosswarp.outputs import RUN, claim_folder
from crosswarp.study.environment import environment_here, write_environment
from crosswarp.study.names import (
    CACHE,
    DONE,
    ENVIRONMENT,
    EXCHANGE,
    EXPERIMENT,
    LEDGER,
    MISSING,
    PASSED_OVER,
    PREDICTIONS,
    PRETRAINING,
)
from crosswarp.study.records import read_fold
from crosswarp.study.run import begin_run, finish_run, sources_now, working_on
from crosswarp.study.version import require_version
from crosswarp.training.baseline import BaselineRequest, fit_baseline
from crosswarp.training.cell import CellRequest
from crosswarp.training.experiment import Experiment, write_experiment
from crosswarp.training.fold import train_fold
from crosswarp.training.logs import LogKind, make_loggers
from crosswarp.training.merged import merge_exchanges, merge_predictions
from crosswarp.training.plan import Plan, plan_run
from crosswarp.training.seen_before import write_pretraining
from crosswarp.training.swept import changed_cell, place_of, sweep

WRITTEN: Final = (
    *(ENVIRONMENT, EXPERIMENT, LEDGER, MISSING, PASSED_OVER, PRETRAINING),
    *(PREDICTIONS, EXCHANGE),
)
"""All that a run may have beside its cells."""

# The optimisers of torch import its compiler, for two seconds, when the first is made.
PRELOADED: Final = (
    "torch",
    "torch._dynamo",
    "lightning",
    "crosswarp.training.fold",
)
"""Imported once before the first child: it takes seconds."""

WORK: Final = Work(train_fold, preloaded=PRELOADED)
BASELINE_WORK: Final = Work(
    fit_baseline, preloaded=("crosswarp.training.baseline", "sklearn.svm")
)

Cell: TypeAlias = CellRequest | BaselineRequest


def cross_validate(
    experiment: Experiment,
    run: Path,
    *,
    engine: Engine | None = None,
    allow_missing: bool = False,
    logs: tuple[LogKind, ...] = (),
    progress: Progress | None = None,
    plan: Plan | None = None,
) -> pd.DataFrame:
    """Train every network on every fold, and put the predictions together.

    Cells that are done, from the same inputs with the same settings, are left as
    they are. The result does not depend on the engine.

    Args:
        experiment: Experiment with all choices.
        run: Folder of the run.
        engine: Where it runs; one process at a time, on this machine, when None.
        allow_missing: Go on without scans that have no maps.
        logs: Kinds of logs to write while training; they change nothing else.
        progress: Told of every finished cell.
        plan: Plan of this very experiment, if it was made already.

    Returns:
        The predictions, as written to ``predictions.tsv``.

    Raises:
        OccupiedError: If the folder holds something else.
        InputError: If the inputs do not fit together; nothing is trained then.
        IncompleteError: If cells failed; the others are done, ``ledger.tsv`` has all.
        LockedError: If another process works on the run.
    """
    progress = progress or SilentProgress()
    claim_run(run, experiment.name)
    make_loggers(logs, run)  # what is not installed is said now
    with working_on(run):
        claim_run(run, experiment.name)
        plan = plan or plan_run(experiment, allow_missing=allow_missing)
        return _carried_out(plan, run, engine, logs, progress)


def _carried_out(
    plan: Plan,
    run: Path,
    engine: Engine | None,
    logs: tuple[LogKind, ...],
    progress: Progress,
) -> pd.DataFrame:
    begin_run(run)
    sources = _write_choices(plan, run)
    networks = [replace(cell, logs=logs) for cell in plan.cells(run)]
    cells: list[Cell] = [*networks, *plan.baseline_cells(run)]
    todo = {cell.label: cell for cell in cells if not is_done(cell)}
    sweep(run, todo.values())
    outcomes: dict[str, Outcome] = {}
    if todo:
        try:
            write_store(run / CACHE, plan.samples, plan.grid, progress)
            todo = _shared(todo, engine)
            outcomes = _train(todo, run / LOGS, engine or LocalEngine(), progress)
        finally:
            shutil.rmtree(run / CACHE, ignore_errors=True)
    done = [cell for cell in cells if is_done(cell)]
    write_table(run / LEDGER, _ledger(cells, outcomes))
    predictions = merge_predictions(run, done)
    merge_exchanges(run, [cell for cell in done if isinstance(cell, CellRequest)])
    failed = [cell for cell in cells if cell not in done]
    finish_run(
        run,
        WRITTEN,
        sources,
        cells={place_of(cell, run): cell.fingerprint for cell in done},
        failed=[cell.label for cell in failed],
        absent=dict(plan.absent),
        maps={s.scan.label: s.digest() for s in plan.samples},
    )
    if failed:
        first = failed[0].label
        msg = (
            f"{len(failed)} of {len(cells)} cells failed, see {run / LEDGER};"
            f" {first}: {outcomes[first].reason} (log: {outcomes[first].log})"
        )
        raise IncompleteError(msg)
    return predictions


def _write_choices(plan: Plan, run: Path) -> dict[str, str | None]:
    """Write what a run is made from, and say how to tell when it changes."""
    chosen = plan.experiment
    write_environment(run, environment_here())
    write_experiment(run / EXPERIMENT, chosen)
    write_rows(run / MISSING, plan.missing)
    write_rows(run / PASSED_OVER, plan.passed_over)
    write_pretraining(run, dict(plan.pretrained), chosen.test_on_pretrained)
    return {**sources_now(run, [EXPERIMENT]), **plan.sources}


def is_done(cell: Cell) -> bool:
    """Whether a cell was finished from the same inputs with the same settings.

    Every file that it wrote has to be there with its size, and its tables, which
    are put together, with their bytes.
    """
    done = read_object(cell.folder / DONE)
    return done.get("fingerprint") == cell.fingerprint and not changed_cell(
        cell.folder, done
    )


def claim_run(run: Path, name: str) -> None:
    """Refuse a folder that is not the run of an experiment.

    Args:
        run: Folder of the run.
        name: Of the experiment: its other choices may change, and what they
            affect is retrained.

    Raises:
        OccupiedError: If the folder holds something else, or another experiment.
    """
    claim_folder(run, RUN)
    require_version(run)
    path = run / EXPERIMENT
    known = read_settings(path).get("name") if path.is_file() else None
    if known not in (None, name):
        msg = (
            f"{run} is the run of the experiment {known!r}, not of {name!r}; nothing"
            " was changed. Choose a new or empty folder"
        )
        raise OccupiedError(msg)


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
    done = read_fold(cell.folder) if is_done(cell) else None
    measured = done or outcome
    seconds = None if measured is None else measured.seconds
    peak = None if measured is None else measured.peak_mb
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
