"""The ledger: what became of every scan of a cohort, a row each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.tables import read_table, write_table
from crosswarp.derivatives.limits import QualityLimits
from crosswarp.derivatives.quality import Verdict, judge, summary
from crosswarp.derivatives.scan import ScanRequest, ScanResult, is_done, record_path
from crosswarp.execution.isolated import Outcome
from crosswarp.execution.logs import LOGS
from crosswarp.files import read_json

LEDGER: Final = "ledger.tsv"


@dataclass(frozen=True)
class LedgerRow:
    """What became of one scan.

    Attributes:
        scan: Whose.
        status: ``ok``; ``failed`` (refused, with the reason); ``crash``, ``timeout``
            or ``memory`` (its process was ended); ``disk`` (nothing could be written);
            ``lost`` (its worker was).
        verdict: Of its numbers; None when it has none.
        reason: One line: why it failed, or what to check; empty when all is well.
        seconds: Wall time.
        peak_mb: Largest resident memory, in 10^6 bytes.
        fingerprint: Of file, settings and steps.
        brain_mask: How the brain was found.
        quality: Numbers, as far as they could be measured.
        log: File with what it printed, below the folder of the derivatives.
    """

    scan: ScanId
    status: str
    verdict: Verdict | None
    reason: str
    seconds: float
    peak_mb: float
    fingerprint: str
    brain_mask: str
    quality: dict[str, float]
    log: str = NOT_AVAILABLE

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
            "qc": self.verdict.value if self.verdict else NOT_AVAILABLE,
            "reason": self.reason or NOT_AVAILABLE,
            "log": self.log,
            "seconds": seconds,
            "peak_mb": peak,
            "brain_mask": self.brain_mask,
            "fingerprint": self.fingerprint,
            **self.quality,
        }


def refused(scan: ScanId, reason: str) -> LedgerRow:
    """Make the row of a scan that could not even be started."""
    return LedgerRow(
        scan, "failed", None, reason, 0.0, 0.0, NOT_AVAILABLE, NOT_AVAILABLE, {}
    )


def row_of(request: ScanRequest, outcome: Outcome) -> LedgerRow:
    """Make the row of a scan whose process has ended."""
    times = (outcome.seconds, outcome.peak_mb)
    if not isinstance(outcome.value, ScanResult):
        return LedgerRow(
            request.scan,
            outcome.status,
            None,
            outcome.reason,
            *times,
            request.fingerprint,
            NOT_AVAILABLE,
            {},
            f"{LOGS}/{outcome.log.name}" if outcome.log else NOT_AVAILABLE,
        )
    return _judged(request, outcome.value, *times)


class Ledger:
    """The ledger in memory: rows of earlier runs and of this one.

    Args:
        out: Folder of the derivatives.
    """

    def __init__(self, out: Path) -> None:
        self._path = out / LEDGER
        self._rows: dict[ScanId, dict[str, Any]] = {}
        if self._path.is_file():
            table = read_table(self._path, ["participant_id", "session_id", "status"])
            for row in table.to_dict("records"):
                scan = ScanId.from_row(row["participant_id"], row["session_id"])
                self._rows[scan] = {str(name): value for name, value in row.items()}

    def keeps(self, request: ScanRequest, retry_failed: bool) -> bool:
        """Whether the scan needs nothing done; notes it if the ledger lost it.

        Args:
            request: The scan.
            retry_failed: Do failed scans again.
        """
        row = self._rows.get(request.scan, {})
        current = row.get("fingerprint") == request.fingerprint
        if current and row["status"] == "failed":
            return not retry_failed
        if not is_done(request):
            return False
        if not current:
            self.add(_found(request))
        return True

    def add(self, row: LedgerRow) -> None:
        """Note a scan, in place of what was noted of it before."""
        self._rows[row.scan] = row.as_row()

    def table(self) -> pd.DataFrame:
        """Return all rows, sorted by scan."""
        return pd.DataFrame([self._rows[scan] for scan in sorted(self._rows)])

    def write(self) -> None:
        """Write the ledger, unless it is empty."""
        if self._rows:
            write_table(self._path, self.table())


def _found(request: ScanRequest) -> LedgerRow:
    """Make the row of a finished scan from its sidecar."""
    sidecar = read_json(record_path(request))
    numbers = {name: entry["Value"] for name, entry in sidecar["Quality"].items()}
    return _judged(request, ScanResult(numbers, sidecar["BrainMask"]), np.nan, np.nan)


def _judged(
    request: ScanRequest, result: ScanResult, seconds: float, peak_mb: float
) -> LedgerRow:
    limits: QualityLimits = request.settings.limits
    judgements = judge(result.quality, limits)
    stands_in = result.brain_mask != request.settings.brain_mask
    verdict, reason = summary(judgements, stands_in)
    return LedgerRow(
        request.scan,
        _status(result),
        verdict if judgements else None,
        result.refused or reason,
        seconds,
        peak_mb,
        request.fingerprint,
        result.brain_mask,
        result.quality,
    )


def _status(result: ScanResult) -> str:
    if result.by_machine:
        return "disk"
    return "failed" if result.refused else "ok"
