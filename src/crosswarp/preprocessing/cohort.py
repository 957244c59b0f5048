"""Many scans: each in its own process, each a row of the ledger."""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from crosswarp.bids.dataset import FoundScans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.ledger import LEDGER, rows_of
from crosswarp.bids.names import template_path, write_dataset_description
from crosswarp.documents import read_object
from crosswarp.errors import IncompleteError
from crosswarp.execution.engine import Engine
from crosswarp.execution.logs import LOGS
from crosswarp.execution.outcome import Outcome
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.execution.work import Work
from crosswarp.files import remove_unfinished, storage_named
from crosswarp.preprocessing.kept import write_kept
from crosswarp.preprocessing.ledger import row_of
from crosswarp.preprocessing.plan import (
    CohortPlan,
    plan_cohort,
    working_on,
)
from crosswarp.preprocessing.qc_page import write_qc_page
from crosswarp.preprocessing.scan import preprocess_scan, write_map
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.provenance import changed_products, write_record
from crosswarp.registration.template import load_template
from crosswarp.types.arrays import SpatialMap

__all__ = [
    "WORK",
    "CohortPlan",
    "check_ledger",
    "plan_cohort",
    "preprocess_cohort",
    "run_plan",
    "working_on",
]

TIMEOUT_SECONDS: Final = 1800.0
"""A scan that takes longer hangs: a free core takes some 35 s for the chain."""

MEMORY_MB: Final = 8000.0
"""Three times what a scan of 1 mm was measured to need."""

_PRELOADED: Final = (
    "ants",
    "torch",
    "deepbet",
    "crosswarp.preprocessing.scan",
    "crosswarp.preprocessing.ready",
)

WORK: Final = Work(
    preprocess_scan,
    timeout_s=TIMEOUT_SECONDS,
    memory_mb=MEMORY_MB,
    preloaded=_PRELOADED,
)


def preprocess_cohort(
    found: FoundScans,
    out: Path,
    settings: PreprocessSettings,
    *,
    work: Work = WORK,
    engine: Engine | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Preprocess many scans; one that fails never stops the others.

    Finished scans are left as they are, unless their file or a setting changed; what
    changed, `CohortPlan.changes` says before. Failed ones too, unless
    ``retry_failed``: the same file fails the same way. What ended by a crash, a limit
    or a fault of the machine (`machine_status`) is done again.

    Args:
        found: What to do; sessions with a problem become failed rows.
        out: Folder of the derivatives; made when it is not there.
        settings: Settings with all choices.
        work: What is done to each, and the time and memory that each may take.
        engine: Where it runs; one process at a time, on this machine, when None.
        retry_failed: Do failed scans again.
        progress: Told of every finished scan.

    Returns:
        The rows of ``out/ledger.tsv`` on the grid of the settings; ``out/qc.html``
        shows the rows of all grids.

    Raises:
        OccupiedError: If ``out`` holds something else, or the maps of another data set.
        LockedError: If another process works on ``out``.
        StorageError: If nothing more can be written, for a full disk above all. What
            was finished stays, and the same call goes on from there.
    """
    with working_on(found, out):
        plan = plan_cohort(found, out, settings, retry_failed=retry_failed)
        return run_plan(plan, work=work, engine=engine, progress=progress)


def run_plan(
    plan: CohortPlan,
    *,
    work: Work = WORK,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Do what was planned; arguments, result and errors as for `preprocess_cohort`.

    To be called within `working_on`, which `preprocess_cohort` does by itself.
    """
    progress = progress or SilentProgress()
    out, settings, ledger, todo = plan.out, plan.settings, plan.ledger, plan.todo
    if plan.borrowed and not todo:
        return rows_of(ledger.table(), settings.space, settings.resolution)
    with storage_named(out):
        _write_dataset(plan)
        ledger.write()

        def record(label: str, outcome: Outcome) -> None:
            ledger.add(row_of(todo[label], outcome))
            ledger.write()
            progress.advance(f"{label}: {outcome.reason or outcome.status}")

        if todo:
            progress.stage("preprocess", len(todo))
            engine = engine or LocalEngine()
            engine.run(
                work, todo, logs=out / LOGS, on_done=record, on_news=progress.news
            )
            progress.done()
        table = ledger.table()
        if len(table):
            write_qc_page(out, table, settings.limits)
    return rows_of(table, settings.space, settings.resolution)


def asked_rows(ledger: pd.DataFrame, found: FoundScans) -> pd.DataFrame:
    """Take the rows of a ledger that are of the scans asked for.

    Args:
        ledger: As `preprocess_cohort` returns it.
        found: Scans that were found.
    """
    asked = {raw.scan for raw in found.scans} | {scan for scan, _ in found.problems}
    rows = zip(ledger["participant_id"], ledger["session_id"], strict=True)
    return ledger[[ScanId.from_row(*row) in asked for row in rows]]


def check_ledger(
    ledger: pd.DataFrame, out: Path, found: FoundScans | None = None
) -> None:
    """End with the failures of a cohort, when all that could be done is done.

    Args:
        ledger: As `preprocess_cohort` returns it.
        out: Folder of the derivatives.
        found: Only the scans that were asked for; all of the ledger when None.

    Raises:
        IncompleteError: If a scan failed; says how many, where, and the first reason.
    """
    if found is not None:
        ledger = asked_rows(ledger, found)
    failed = ledger[ledger["status"] != "ok"]
    if failed.empty:
        return
    first = failed.iloc[0]
    msg = (
        f"{len(failed)} of {len(ledger)} scans failed, see {out / LEDGER};"
        f" {first['participant_id']}: {first['reason']}"
    )
    if str(first.get("log")).startswith(LOGS):
        msg += f" (log: {out / first['log']})"
    raise IncompleteError(msg)


def _write_dataset(plan: CohortPlan) -> None:
    """Write what belongs to the data set as a whole, the template's maps included."""
    out, settings, root = plan.out, plan.settings, plan.found.root
    place = plan.found.place
    folder = place if root is None and place is not None and place.is_dir() else None
    write_dataset_description(
        out, "crosswarp derivatives", raw=root, scans=folder, purpose=plan.purpose
    )
    if not plan.borrowed:
        write_kept(out, settings)
    paths = {
        suffix: template_path(
            out,
            space=settings.space,
            res=settings.resolution,
            desc="brain",
            suffix=suffix,
        )
        for suffix in ("mask", "T1w")
    }
    record = paths["mask"].with_name(paths["mask"].name.replace(".nii.gz", ".json"))
    whole = not changed_products(record.parent, read_object(record), by_digest=False)
    if whole and all(p.is_file() and p.stat().st_size for p in paths.values()):
        return
    remove_unfinished(record.parent)
    template = load_template(settings.resolution, settings.template)
    mask = SpatialMap(template.mask.astype(np.float32), template.brain.affine)
    write_map(paths["mask"], mask, np.uint8)
    write_map(paths["T1w"], template.brain)
    content = {"Description": "brain of the template", "Sources": [template.source]}
    write_record(record, content, products=[path.name for path in paths.values()])
