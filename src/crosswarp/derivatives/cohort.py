"""Many scans: each in its own process, each a row of the ledger."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from crosswarp.bids.dataset import FoundScans
from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.names import template_path, write_dataset_description
from crosswarp.bids.tables import read_table, write_table
from crosswarp.derivatives.scan import (
    ScanRequest,
    is_done,
    preprocess_scan,
    record_path,
    request_for,
    write_map,
)
from crosswarp.derivatives.settings import PreprocessSettings
from crosswarp.derivatives.template import SPACE, load_template
from crosswarp.errors import IncompleteError
from crosswarp.execution.engine import Engine
from crosswarp.execution.isolated import Outcome
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.execution.work import Work
from crosswarp.files import read_json
from crosswarp.types.arrays import SpatialMap

LEDGER: Final = "ledger.tsv"

TIMEOUT_SECONDS: Final = 1800.0
"""A scan that takes longer hangs: on one core the chain takes about 20 s."""

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


@dataclass(frozen=True)
class LedgerRow:
    """What became of one scan.

    Attributes:
        scan: Whose.
        status: ``ok``; ``failed`` (refused, with the reason); ``crash``, ``timeout``
            or ``memory`` (its process was ended).
        reason: One line, empty when it is ok.
        seconds: Wall time.
        peak_mb: Largest resident memory, in 10^6 bytes.
        fingerprint: Of file, settings and steps.
        quality: Numbers, empty unless it is ok.
    """

    scan: ScanId
    status: str
    reason: str
    seconds: float
    peak_mb: float
    fingerprint: str
    quality: dict[str, float]

    def as_row(self) -> dict[str, Any]:
        """Return one line of the ledger."""
        seconds, peak = (
            round(n, 1) if np.isfinite(n) else None
            for n in (self.seconds, self.peak_mb)
        )
        return {
            "participant_id": self.scan.participant_id,
            "session_id": self.scan.session_id or NOT_AVAILABLE,
            "status": self.status,
            "reason": self.reason or NOT_AVAILABLE,
            "seconds": seconds,
            "peak_mb": peak,
            "fingerprint": self.fingerprint,
            **self.quality,
        }


def preprocess_cohort(
    found: FoundScans,
    out: Path,
    settings: PreprocessSettings,
    *,
    root: Path | None = None,
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
        root: The data set's folder, to name the sources; none for lone files.
        engine: Where it runs; one process at a time, on this machine, when None.
        retry_failed: Do failed scans again.
        progress: Told of every finished scan.

    Returns:
        The ledger, as written to ``out/ledger.tsv``.
    """
    progress = progress or SilentProgress()
    _write_dataset(out, settings, root)
    ledger = _Ledger(out)
    for scan, reason in found.problems:
        ledger.add(_refused(scan, reason))
    todo = {}
    for raw in found.scans:
        request = request_for(raw, out, settings, root)
        if not raw.path.is_file():
            ledger.add(_refused(raw.scan, f"no scan at {raw.path}"))
        elif not ledger.keeps(request, retry_failed):
            todo[raw.scan.label] = request
    ledger.write()

    def record(label: str, outcome: Outcome) -> None:
        ledger.add(_row(todo[label], outcome))
        ledger.write()
        progress.advance(f"{label}: {outcome.reason or outcome.status}")

    if todo:
        progress.stage("preprocess", len(todo))
        engine = engine or LocalEngine()
        engine.run(WORK, todo, on_done=record, on_news=progress.news)
        progress.done()
    return ledger.table()


def check_ledger(ledger: pd.DataFrame, out: Path) -> None:
    """End with the failures of a cohort, when all that could be done is done.

    Args:
        ledger: As `preprocess_cohort` returns it.
        out: Folder of the derivatives.

    Raises:
        IncompleteError: If a scan failed; says how many, where, and the first reason.
    """
    failed = ledger[ledger["status"] != "ok"]
    if failed.empty:
        return
    first = failed.iloc[0]
    msg = (
        f"{len(failed)} of {len(ledger)} scans failed, see {out / LEDGER};"
        f" {first['participant_id']}: {first['reason']}"
    )
    raise IncompleteError(msg)


def _refused(scan: ScanId, reason: str) -> LedgerRow:
    """Make the row of a scan that could not even be started."""
    return LedgerRow(scan, "failed", reason, 0.0, 0.0, NOT_AVAILABLE, {})


def _row(request: ScanRequest, outcome: Outcome) -> LedgerRow:
    return LedgerRow(
        request.scan,
        outcome.status,
        outcome.reason,
        outcome.seconds,
        outcome.peak_mb,
        request.fingerprint,
        outcome.value or {},
    )


class _Ledger:
    """The ledger in memory: rows of earlier runs and of this one."""

    def __init__(self, out: Path) -> None:
        self._path = out / LEDGER
        self._rows: dict[ScanId, dict[str, Any]] = {}
        if self._path.is_file():
            table = read_table(self._path, ["participant_id", "session_id", "status"])
            for row in table.to_dict("records"):
                scan = ScanId.from_row(row["participant_id"], row["session_id"])
                self._rows[scan] = {str(name): value for name, value in row.items()}

    def keeps(self, request: ScanRequest, retry_failed: bool) -> bool:
        """Whether the scan needs nothing done; notes it if the ledger lost it."""
        row = self._rows.get(request.scan, {})
        current = row.get("fingerprint") == request.fingerprint
        if current and row["status"] == "failed":
            return not retry_failed
        if not is_done(request):
            return False
        if not current:
            quality = read_json(record_path(request))["Quality"]
            self.add(
                LedgerRow(
                    request.scan, "ok", "", np.nan, np.nan, request.fingerprint, quality
                )
            )
        return True

    def add(self, row: LedgerRow) -> None:
        self._rows[row.scan] = row.as_row()

    def table(self) -> pd.DataFrame:
        return pd.DataFrame([self._rows[scan] for scan in sorted(self._rows)])

    def write(self) -> None:
        if self._rows:
            write_table(self._path, self.table())


def _write_dataset(out: Path, settings: PreprocessSettings, root: Path | None) -> None:
    """Write what belongs to the data set as a whole, the template's maps included."""
    write_dataset_description(out, "crosswarp derivatives", raw=root)
    template = load_template(settings.resolution)
    mask = SpatialMap(template.mask.astype(np.float32), template.brain.affine)
    for suffix, values, dtype in (
        ("mask", mask, np.uint8),
        ("T1w", template.brain, np.float32),
    ):
        path = template_path(
            out, space=SPACE, res=settings.resolution, desc="brain", suffix=suffix
        )
        if not path.is_file():
            write_map(path, values, dtype)
