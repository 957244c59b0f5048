"""Small data sets of people with several sessions, their ordinary maps at hand."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crosswarp.bids.dataset import FoundScans, find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import (
    raw_path,
    transform_path,
    write_dataset_description,
)
from crosswarp.errors import ScanError
from crosswarp.execution.outcome import Outcome
from crosswarp.execution.work import Work
from crosswarp.files import written_whole
from crosswarp.longitudinal.settings import LongitudinalSettings
from crosswarp.preprocessing.request import map_path
from crosswarp.preprocessing.scan import write_map
from crosswarp.preprocessing.stored import displacement_image
from crosswarp.registration.template import load_template
from crosswarp.types.arrays import SpatialMap
from crosswarp.types.grid import SPACE
from tests.heads import with_growth, write_head
from tests.preprocessed import FAST

QUICK = LongitudinalSettings(
    spacing=4,
    midpoint_spacing=4,
    rigid_iterations=(3,),
    iterations=(4,),
    passes=1,
    nulls=2,
)
HIPPOCAMPUS = (26.0, -22.0, -14.0)
STEP = 2
"""Voxels of the 2 mm template from one of a scan to the next."""


def brain(growth: float = 0.0, person: int = 0) -> SpatialMap:
    """The template's brain at 4 mm; of another person when it is bent."""
    whole = load_template(2).brain
    thin = np.ascontiguousarray(whole.values)[::STEP, ::STEP, ::STEP].copy()
    head = SpatialMap(thin, whole.affine @ np.diag([STEP, STEP, STEP, 1.0]))
    for n in range(person * 6):
        middle = (40.0 * (-1) ** n, -60.0 + 20 * n, 20.0 * (-1) ** (n // 2))
        head = with_growth(head, middle, 0.5 * (-1) ** n, 20)
    return with_growth(head, HIPPOCAMPUS, growth, 15) if growth else head


def add_scan(raw: Path, out: Path, scan: ScanId, head: SpatialMap) -> None:
    """Write a scan, and maps of it as if its registration had found nothing to move."""
    values = np.rint(np.multiply(head.values, 1000)).astype(np.int16)
    write_head(raw_path(raw, scan), values, head.affine)
    template = load_template(2)
    for desc in ("brain", "preproc", "logjacobian"):
        write_map(
            map_path(out, scan, 2, desc),
            SpatialMap(template.mask.astype(np.float32), template.brain.affine),
        )
    names = {
        end: transform_path(out, scan, space=SPACE, extension=end, res=2)
        for end in (".txt", ".nii.gz")
    }
    np.savetxt(names[".txt"], np.eye(4))
    still = np.zeros((*template.brain.extent, 3), np.float32)
    with written_whole(names[".nii.gz"]) as temporary:
        displacement_image(still, template.brain.affine).to_filename(temporary)


def ledger_of(raw: Path, out: Path) -> tuple[FoundScans, pd.DataFrame]:
    """Find the scans, and say that the maps of all of them passed."""
    write_dataset_description(out, "crosswarp derivatives", raw=raw)
    found = find_scans(raw)
    rows = [
        {
            "participant_id": one.scan.participant_id,
            "session_id": one.scan.session_id,
            "status": "ok",
        }
        for one in found.scans
    ]
    return found, pd.DataFrame(rows)


SETTINGS = FAST.model_copy(update={"brain_mask": "derivatives"})
"""Scans that another program has made even: N4 is tested elsewhere."""


class Here:
    """An engine that works in this process; it follows `Engine`."""

    def run(
        self,
        work: Work,
        pieces: Mapping[str, Any],
        *,
        logs: Path,
        on_done: Callable[[str, Outcome], None],
        on_news: Callable[[str, str], None],
    ) -> dict[str, Outcome]:
        del logs, on_news
        outcomes = {}
        for name, piece in pieces.items():
            try:
                made = Outcome("ok", work.function(piece), "", 0.0, 0.0)
            except ScanError as error:
                made = Outcome("failed", None, str(error), 0.0, 0.0)
            on_done(name, made)
            outcomes[name] = made
        return outcomes
