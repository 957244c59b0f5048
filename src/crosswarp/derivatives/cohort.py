"""Many scans: each in its own process, each a row of the ledger."""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from crosswarp.bids.dataset import FoundScans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import template_path, write_dataset_description
from crosswarp.derivatives.ledger import LEDGER, Ledger, refused, row_of
from crosswarp.derivatives.qc_page import write_qc_page
from crosswarp.derivatives.scan import (
    ScanRequest,
    preprocess_scan,
    request_for,
    write_map,
)
from crosswarp.derivatives.settings import PreprocessSettings
from crosswarp.derivatives.template import load_template
from crosswarp.errors import IncompleteError
from crosswarp.execution.engine import Engine
from crosswarp.execution.isolated import Outcome
from crosswarp.execution.logs import LOGS
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.execution.work import Work
from crosswarp.files import storage_named
from crosswarp.types.arrays import SpatialMap

TIMEOUT_SECONDS: Final = 1800.0
"""A scan that takes longer hangs: a free core takes some 35 s for the chain."""

MEMORY_MB: Final = 8000.0
"""Three times what a scan of 1 mm was measured to need."""

_PRELOADED: Final = (
    "ants",
    "torch",
    "deepbet",
    "picsl_greedy",
    "crosswarp.derivatives.scan",
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

    Finished scans are left as they are, unless their file or a setting changed.
    Failed ones too, unless ``retry_failed``: the same file fails the same way. What
    ended by a crash or a limit may have been the machine's fault and is done again.

    Args:
        found: What to do; sessions with a problem become failed rows.
        out: Folder of the derivatives; made when it is not there.
        settings: All choices.
        work: What is done to each, and the time and memory that each may take.
        engine: Where it runs; one process at a time, on this machine, when None.
        retry_failed: Do failed scans again.
        progress: Told of every finished scan.

    Returns:
        The ledger, as written to ``out/ledger.tsv``; ``out/qc.html`` shows it.

    Raises:
        StorageError: If nothing more can be written, for a full disk above all. What
            was finished stays, and the same call goes on from there.
    """
    progress = progress or SilentProgress()
    with storage_named(out):
        _write_dataset(out, settings, found.root)
        ledger = Ledger(out)
        todo = _todo(found, out, settings, ledger, retry_failed)
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
    return table


def _todo(
    found: FoundScans,
    out: Path,
    settings: PreprocessSettings,
    ledger: Ledger,
    retry_failed: bool,
) -> dict[str, ScanRequest]:
    """Note what cannot be started, and return what is to be done, by scan."""
    for scan, reason in found.problems:
        ledger.add(refused(scan, reason))
    todo = {}
    for raw in found.scans:
        if not raw.path.exists():
            ledger.add(refused(raw.scan, f"no scan at {raw.path.name}"))
            continue
        request = request_for(raw, out, settings, found.root)
        if not ledger.keeps(request, retry_failed):
            todo[raw.scan.label] = request
    return todo


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
        asked = {raw.scan for raw in found.scans} | {scan for scan, _ in found.problems}
        rows = zip(ledger["participant_id"], ledger["session_id"], strict=True)
        ledger = ledger[[ScanId.from_row(*row) in asked for row in rows]]
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


def _write_dataset(out: Path, settings: PreprocessSettings, root: Path | None) -> None:
    """Write what belongs to the data set as a whole, the template's maps included."""
    write_dataset_description(out, "crosswarp derivatives", raw=root)
    template = load_template(settings.resolution, settings.template)
    mask = SpatialMap(template.mask.astype(np.float32), template.brain.affine)
    for suffix, values, dtype in (
        ("mask", mask, np.uint8),
        ("T1w", template.brain, np.float32),
    ):
        path = template_path(
            out,
            space=settings.space,
            res=settings.resolution,
            desc="brain",
            suffix=suffix,
        )
        if not path.is_file():
            write_map(path, values, dtype)
