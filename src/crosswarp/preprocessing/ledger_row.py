"""One row of the ledger: what became of one scan on one grid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.ledger import RESOLUTION, SPACE
from crosswarp.execution.logs import LOGS
from crosswarp.execution.outcome import Outcome
from crosswarp.files import printable
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.preprocessing.quality import (
    Verdict,
    judge,
    sentences,
    summary,
)
from crosswarp.preprocessing.record import MapRecord
from crosswarp.preprocessing.scan import ScanRequest, ScanResult
from crosswarp.preprocessing.settings import PreprocessSettings

Grid: TypeAlias = tuple[str, int]
"""Space and spacing, in mm, of maps."""

UNKNOWN: Final[Grid] = (NOT_AVAILABLE, 0)
"""Grid of a row that an earlier version wrote and whose maps are not there."""


@dataclass(frozen=True)
class LedgerRow:
    """What became of one scan.

    Attributes:
        scan: Identifier of the scan.
        grid: Space and spacing, in mm, of the maps that were asked for.
        status: ``ok``; ``failed`` (refused, with the reason); ``machine``, ``memory``
            or ``disk`` (the machine was in the way: `machine_status`); ``crash``,
            ``timeout`` or ``memory`` (its process was ended); ``lost`` (its worker
            was). All but the first two are tried again by the same command.
        verdict: Of its numbers; None when it has none.
        reason: One line: why it failed, or what to check; empty when all is well.
        seconds: Wall time in seconds.
        peak_mb: Largest resident memory, in 10^6 bytes.
        fingerprint: Of file, settings and steps.
        brain_mask: How the brain was found.
        quality: Numbers, as far as they could be measured.
        log: File with what it printed, below the folder of the derivatives.
        notes: What was read otherwise than the file says.
    """

    scan: ScanId
    grid: Grid
    status: str
    verdict: Verdict | None
    reason: str
    seconds: float
    peak_mb: float
    fingerprint: str
    brain_mask: str
    quality: dict[str, float]
    log: str = NOT_AVAILABLE
    notes: tuple[str, ...] = ()

    def as_row(self) -> dict[str, Any]:
        """Return one line of the ledger."""
        seconds, peak = (
            round(n, 1) if np.isfinite(n) else None
            for n in (self.seconds, self.peak_mb)
        )
        return {
            "participant_id": self.scan.participant_id,
            "session_id": self.scan.session_id or NOT_AVAILABLE,
            **said_of(self.grid),
            "status": self.status,
            "qc": self.verdict.value if self.verdict else NOT_AVAILABLE,
            "reason": printable(self.reason) or NOT_AVAILABLE,
            "notes": printable("; ".join(self.notes)) or NOT_AVAILABLE,
            "log": self.log,
            "seconds": seconds,
            "peak_mb": peak,
            "brain_mask": self.brain_mask,
            "fingerprint": self.fingerprint,
            **self.quality,
        }


def refused(scan: ScanId, reason: str, grid: Grid, status: str = "failed") -> LedgerRow:
    """Make the row of a scan that could not even be started."""
    nothing: tuple[str, str, dict[str, float]] = (NOT_AVAILABLE, NOT_AVAILABLE, {})
    return LedgerRow(scan, grid, status, None, reason, 0.0, 0.0, *nothing)


def row_of(request: ScanRequest, outcome: Outcome) -> LedgerRow:
    """Make the row of a scan whose process has ended."""
    times = (outcome.seconds, outcome.peak_mb)
    if not isinstance(outcome.value, ScanResult):
        return LedgerRow(
            request.scan,
            request.grid,
            outcome.status,
            None,
            outcome.reason,
            *times,
            request.fingerprint,
            NOT_AVAILABLE,
            {},
            f"{LOGS}/{outcome.log.name}" if outcome.log else NOT_AVAILABLE,
        )
    made = _Made(
        request.scan, request.grid, request.fingerprint, request.settings.limits
    )
    stands_in = outcome.value.brain_mask != request.settings.brain_mask
    return _judged(made, outcome.value, times, stands_in=stands_in)


def said_of(grid: Grid) -> dict[str, Any]:
    """Name a grid in the columns of a row."""
    return {SPACE: grid[0], RESOLUTION: None if grid == UNKNOWN else grid[1]}


def row_of_record(
    scan: ScanId, grid: Grid, record: MapRecord, limits: QualityLimits | None = None
) -> LedgerRow:
    """Make the row of a finished scan from its record.

    Args:
        scan: Identifier of the scan.
        grid: Of its maps.
        record: Record of its maps.
        limits: That its numbers are held against; those of the record when None.
    """
    try:
        settings = PreprocessSettings.model_validate(record.settings)
    except ValueError:
        # Another version's, or with a template that is not here.
        settings = PreprocessSettings()
    asked = record.settings.get("brain_mask", settings.brain_mask)
    known = {n: v for n, v in record.numbers.items() if n in QualityLimits.model_fields}
    limits = limits or settings.limits
    refused = sentences(judge(known, limits), Verdict.FAILED)
    result = ScanResult(known, record.brain_mask, refused, notes=record.notes)
    stands_in = record.brain_mask != asked
    made = _Made(scan, grid, record.fingerprint, limits)
    return _judged(made, result, (np.nan, np.nan), stands_in=stands_in)


def passes_now(row: Mapping[str, Any], limits: QualityLimits) -> bool:
    """Whether a scan was refused for a number that the limits allow now.

    Args:
        row: What the ledger has of it; a scan without numbers was refused for another
            reason.
        limits: Those that are asked for.
    """
    numbers = {
        name: float(row[name])
        for name in QualityLimits.model_fields
        if isinstance(row.get(name), int | float) and np.isfinite(row[name])
    }
    refused = row.get("qc") == Verdict.FAILED.value
    return refused and not sentences(judge(numbers, limits), Verdict.FAILED)


@dataclass(frozen=True)
class _Made:
    """Whose maps a row is about, and how they are judged."""

    scan: ScanId
    grid: Grid
    fingerprint: str
    limits: QualityLimits


def _judged(
    made: _Made, result: ScanResult, cost: tuple[float, float], *, stands_in: bool
) -> LedgerRow:
    judgements = judge(result.quality, made.limits)
    verdict, reason = summary(judgements, stands_in)
    return LedgerRow(
        made.scan,
        made.grid,
        "failed" if result.refused else "ok",
        verdict if judgements else None,
        result.refused or reason,
        *cost,
        made.fingerprint,
        result.brain_mask,
        result.quality,
        notes=result.notes,
    )
