"""`preprocess_cohort` without a registration: its files are there, and say so little.

What belongs to whom, and what is made again, needs no image.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.names import figure_path, template_path, transform_path
from crosswarp.execution.engine import Hear, hear_nothing
from crosswarp.execution.isolated import Outcome
from crosswarp.execution.work import Work
from crosswarp.files import write_json, written_whole
from crosswarp.preprocessing.cohort import (
    CohortPlan,
    plan_cohort,
    run_plan,
)
from crosswarp.preprocessing.request import ScanRequest
from crosswarp.preprocessing.scan import ScanResult
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.provenance import write_record

NUMBERS = {"brain_volume_cm3": 1400.0, "overlap": 0.95}


def write_text(path: Path, request: ScanRequest) -> None:
    """Write a map that is none."""
    path.write_text(request.fingerprint)


def make_maps(
    request: ScanRequest, write: Callable[[Path, ScanRequest], None] = write_text
) -> ScanResult:
    """Write what says that a scan is done; a file that holds ``bad`` is refused."""
    if request.path.is_file() and b"bad" in request.path.read_bytes():
        return ScanResult({}, "deepbet", "no image of a head")
    volume = float(request.path.stat().st_size)
    paths = [request.map(desc) for desc in ("brain", "preproc", "logjacobian")]
    space, resolution = request.grid
    paths.append(figure_path(request.out, request.scan, "qc", request.grid))
    paths.append(
        transform_path(
            request.out, request.scan, space=space, extension=".txt", res=resolution
        )
    )
    for path in paths:
        with written_whole(path) as temporary:
            write(temporary, request)
    numbers = {**NUMBERS, "brain_volume_cm3": 1400.0 + volume + resolution}
    record = request.map("logjacobian", ".json")
    for desc in ("brain", "preproc"):
        write_json(request.map(desc, ".json"), {"Fingerprint": request.fingerprint})
        paths.append(request.map(desc, ".json"))
    write_record(
        record,
        {
            "Sources": [request.source],
            "Settings": request.settings.model_dump(mode="json"),
            "Fingerprint": request.fingerprint,
            "BrainMask": "deepbet",
            "Quality": {name: {"Value": value} for name, value in numbers.items()},
        },
        products=[os.path.relpath(path, record.parent) for path in paths],
        sources={"scan": request.source_digest},
    )
    return ScanResult(numbers, "deepbet")


class Here:
    """Runs everything in this process."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def run(
        self,
        work: Work,
        pieces: Mapping[str, Any],
        *,
        logs: Path,
        on_done: Callable[[str, Outcome], None],
        on_news: Hear = hear_nothing,
    ) -> dict[str, Outcome]:
        del logs, on_news
        outcomes = {}
        for name, piece in pieces.items():
            outcomes[name] = Outcome("ok", work.function(piece), "", 1.0, 100.0)
            on_done(name, outcomes[name])
            self.done.append(name)
        return outcomes


def write_scans(root: Path, *participants: str, text: str = "scan of") -> Path:
    """Write a BIDS data set whose files are none, but differ."""
    for name in participants:
        path = root / name / "anat" / f"{name}_T1w.nii.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text} {name}")
    return root


def plan(
    scans: Path,
    out: Path,
    *participants: str,
    **settings: Any,
) -> CohortPlan:
    """Plan at 2 mm, unless the settings say otherwise."""
    chosen = PreprocessSettings.model_validate({"resolution": 2, **settings})
    return plan_cohort(find_scans(scans, participants), out, chosen)


def made(
    scans: Path,
    out: Path,
    *participants: str,
    **settings: Any,
) -> list[str]:
    """Plan and do it; return whose maps were made."""
    engine = Here()
    finish(plan(scans, out, *participants, **settings), engine)
    return engine.done


def finish(planned: CohortPlan, engine: Here | None = None) -> pd.DataFrame:
    """Do what was planned, without the maps of the template, which take seconds."""
    space, resolution = planned.settings.space, planned.settings.resolution
    for suffix in ("mask", "T1w"):
        path = template_path(
            planned.out, space=space, res=resolution, desc="brain", suffix=suffix
        )
        with written_whole(path) as temporary:
            temporary.write_text("of the template")
    return run_plan(planned, work=WORK, engine=engine or Here())


WORK = Work(make_maps)
