"""The work of a job without its registration: real bundle, answer, page and view.

The maps are the template itself and a smooth field, written as `crosswarp preprocess`
writes them, so that `predict_scan` finds its maps made and goes on from there.
"""

import time
from pathlib import Path

import numpy as np

from crosswarp.bids.dataset import find_scans
from crosswarp.errors import InputError
from crosswarp.execution.child import tell
from crosswarp.execution.work import Work
from crosswarp.preprocessing.cohort import plan_cohort, run_plan
from crosswarp.preprocessing.request import ScanRequest
from crosswarp.preprocessing.scan import ScanResult, write_map
from crosswarp.preprocessing.steps import STEPS
from crosswarp.readers.source import read_source
from crosswarp.registration.template import load_template
from crosswarp.types.arrays import SpatialMap
from crosswarp.viewer.predicting import Task, predict_job
from tests.made_maps import Here, make_maps

SLOW = "sub-slow"
"""A scan whose brain takes minutes to be found, so that it can be cancelled."""


def quick_job(task: Task) -> None:
    """Do the work of a job, with maps that take a moment."""
    for step in STEPS:
        tell(step)
        if task.scan.name.startswith(SLOW) and step == STEPS[0]:
            time.sleep(120)
    if task.scan.suffix == ".zip":
        read_source(task.scan)
    from crosswarp.models.bundle_card import read_card
    from crosswarp.prediction.places import find_bundles
    from crosswarp.prediction.replay import settings_for

    settings = settings_for(read_card(find_bundles(task.bundle)[0]), False)
    plan = plan_cohort(find_scans(task.scan), task.out, settings)
    run_plan(plan, work=Work(write_maps), engine=Here())
    predict_job(task)


def write_maps(request: ScanRequest) -> ScanResult:
    """Write the template as T1w, and a field that is below 0 on the left."""
    return make_maps(request, _write)


def _write(path: Path, request: ScanRequest) -> None:
    if not path.name.endswith(".nii.gz"):
        path.write_text(request.fingerprint)
        return
    template = load_template(2)
    brain, affine = template.brain.values, template.brain.affine
    values = brain / brain.max()
    if "logjacobian" in path.name:
        left = np.indices(brain.shape)[0] * affine[0, 0] + affine[0, 3] < 0
        values = np.where(left, -0.3, 0.3) * template.mask
    if "desc-brain" in path.name:
        values = template.mask
    write_map(path, SpatialMap(values.astype(np.float32), affine))


QUICK = Work(quick_job)


def refuse(task: Task) -> None:
    """End at once: what is asked about is the interface, and no scan."""
    msg = f"{task.out}: a job that is refused"
    raise InputError(msg)
