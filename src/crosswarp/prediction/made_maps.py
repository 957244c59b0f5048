"""Raw scans of a cohort to maps, for a trained network."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crosswarp.bids.dataset import FoundScans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.ledger import RESOLUTION, SPACE
from crosswarp.documents import read_object
from crosswarp.evaluation.facts import numbers_in
from crosswarp.execution.engine import Engine
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.inputs.scan_files import DESCRIPTIONS
from crosswarp.outputs import PREDICTION
from crosswarp.prediction.answer import as_verdict
from crosswarp.prediction.ready import Ready, Refused
from crosswarp.preprocessing.changes import sentences
from crosswarp.preprocessing.cohort import plan_cohort, run_plan
from crosswarp.preprocessing.request import ScanRequest, record_path, request_for
from crosswarp.preprocessing.settings import PreprocessSettings

Say = Callable[[str], None]


def say_nothing(sentence: str) -> None:
    """Take a sentence and do nothing."""


@dataclass(frozen=True)
class Running:
    """How a cohort is preprocessed.

    Attributes:
        engine: Where it runs; one process at a time, on this machine, when None.
        progress: Told of every finished scan.
        say: Told what is left out or made again, and why.
        retry_failed: Whether failed scans are done again.
    """

    engine: Engine | None = None
    progress: Progress = field(default_factory=SilentProgress)
    say: Say = say_nothing
    retry_failed: bool = False


def made_maps(
    found: FoundScans, out: Path, settings: PreprocessSettings, running: Running
) -> list[Ready | Refused]:
    """Preprocess the scans of a cohort as the training scans were.

    To be called within `crosswarp.preprocessing.plan.working_on`.

    Args:
        found: Scans of the cohort.
        out: Folder of the outputs.
        settings: Settings that made the training maps.
        running: How they are preprocessed.

    Returns:
        One entry a scan, sorted: ready, or refused with the reason.
    """
    # By digest: what the networks are asked about is what was written.
    plan = plan_cohort(
        found,
        out,
        settings,
        retry_failed=running.retry_failed,
        purpose=PREDICTION,
        by_digest=True,
    )
    for sentence in [*plan.warnings(), *sentences(plan.changes())]:
        running.say(sentence)
    ledger = run_plan(plan, engine=running.engine, progress=running.progress)
    grid = (settings.space, settings.resolution)
    rows = {
        ScanId.from_row(str(row["participant_id"]), row["session_id"]): {
            str(name): value for name, value in row.items()
        }
        for row in ledger.to_dict("records")
        if (row[SPACE], row[RESOLUTION]) == grid
    }
    requests = {
        raw.scan: request_for(raw, out, settings, found.root) for raw in found.scans
    }
    scans = sorted({*requests, *(scan for scan, _ in found.problems)})
    return [_one(scan, rows.get(scan, {}), requests.get(scan)) for scan in scans]


def _one(
    scan: ScanId, row: dict[str, Any], request: ScanRequest | None
) -> Ready | Refused:
    if request is None or row.get("status") != "ok":
        return Refused(scan, str(row.get("reason")))
    t1w, jsm = (request.map(desc) for desc in DESCRIPTIONS.values())
    made = str(read_object(record_path(request)).get("Fingerprint"))
    return Ready(
        scan,
        as_verdict(row),
        numbers_in(row),
        (t1w, jsm),
        request.source_digest,
        made,
    )
