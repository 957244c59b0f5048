"""What preprocessing a scan costs: our chain against the paper's, by ANTs.

The paper's side is N4 of the head, then an affine and SyN of the brain onto the
template's brain at 1 mm, the T1w image by the affine alone, and the log-Jacobian of the
warp, each by ANTs with its defaults. It is given the brain mask of our chain for
nothing: which brain extraction the paper used is not known. Both sides load their
libraries before the clock starts, and each turn has a process of its own.
"""

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import nibabel as nib
import numpy as np

from crosswarp.bids.ids import ScanId
from crosswarp.execution.isolated import run_isolated
from crosswarp.preprocessing.request import ScanRequest, map_path
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.template import load_template

SCAN: Final = ScanId("sub-measured")
THREADS: Final = (1, 2)


@dataclass(frozen=True)
class Task:
    """A scan to be preprocessed: picklable.

    Attributes:
        scan: A raw T1w head.
        out: Folder for the maps of both sides.
    """

    scan: Path
    out: Path

    def file(self, name: str) -> Path:
        """Name a file of the paper's side."""
        return self.out / f"ants_{name}.nii.gz"


@dataclass(frozen=True)
class Cost:
    """What a side took, medians of its turns.

    Attributes:
        what: Name of the side.
        threads: Threads of the numerical libraries.
        seconds: Processor's seconds.
        wall: Seconds on the clock.
        peak_mb: Largest resident memory, in 10^6 bytes, libraries included.
        ratio: Processor's seconds over those of the first side on as many threads.
    """

    what: str
    threads: int
    seconds: float
    wall: float
    peak_mb: float
    ratio: float


def ours(task: Task) -> tuple[float, float]:
    """Preprocess by the settings' defaults; return processor's and wall seconds."""
    import ants  # noqa: F401, TID251 - loaded before the clock starts
    import deepbet  # noqa: F401

    from crosswarp.preprocessing.scan import preprocess_scan

    request = ScanRequest(
        SCAN, task.scan, task.scan.name, task.out, PreprocessSettings()
    )

    def side() -> None:
        refused = preprocess_scan(request).refused
        if refused:
            raise SystemExit(refused)

    return timed(side)


def theirs(task: Task) -> tuple[float, float]:
    """Preprocess by ANTs' defaults; return processor's and wall seconds."""
    import ants  # noqa: TID251 - the other side

    fixed = ants.image_read(str(task.file("template")))
    mask = ants.image_read(str(task.file("mask")))

    def side() -> None:
        head = ants.n4_bias_field_correction(ants.image_read(str(task.scan)))
        brain = head * ants.resample_image_to_target(mask, head, "nearestNeighbor")
        found = ants.registration(fixed, brain, type_of_transform="SyN")
        warp, affine = found["fwdtransforms"]
        log_j = ants.create_jacobian_determinant_image(fixed, warp, do_log=True)
        t1w = ants.apply_transforms(fixed, brain, [affine])
        written = {"t1w": t1w, "jsm": log_j, "warped": found["warpedmovout"]}
        for name, image in written.items():
            ants.image_write(image, str(task.file(name)))

    return timed(side)


SIDES: Final = {"ours": ours, "the paper's, by ANTs": theirs}


def timed(side: Callable[[], object]) -> tuple[float, float]:
    """Run a side once; return seconds of the processor, with children, and the wall."""

    def used() -> float:
        both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(each.ru_utime + each.ru_stime for each in both)

    begun, started = used(), time.monotonic()
    side()
    return used() - begun, time.monotonic() - started


def prepare(task: Task) -> None:
    """Write the template's brain and the scan's brain mask for the paper's side."""
    from crosswarp.preprocessing.brain_mask import find_brain
    from crosswarp.readers.source import read_source

    task.out.mkdir(parents=True, exist_ok=True)
    brain = load_template(1).brain
    nib.save(nib.Nifti1Image(brain.values, brain.affine), task.file("template"))
    head = read_source(task.scan).scan
    mask = find_brain(head).astype(np.uint8)
    nib.save(nib.Nifti1Image(mask, head.affine), task.file("mask"))


def compare_chains(
    task: Task, turns: int, threads: Sequence[int] = THREADS
) -> list[Cost]:
    """Let both sides take turns, on each number of threads.

    Args:
        task: Scan to be preprocessed.
        turns: Number of turns of each side.
        threads: Numbers of threads.

    Raises:
        SystemExit: If a side fails.
    """
    prepare(task)
    costs = []
    for count in threads:
        turned = [
            {name: _once(side, task, count) for name, side in SIDES.items()}
            for _ in range(turns)
        ]
        first = 0.0
        for name in SIDES:
            seconds, wall, peak = (
                median(each[name][n] for each in turned) for n in range(3)
            )
            first = first or seconds
            costs.append(Cost(name, count, seconds, wall, peak, seconds / first))
    return costs


def _once(
    side: Callable[[Task], tuple[float, float]], task: Task, threads: int
) -> tuple[float, float, float]:
    outcome = run_isolated(side, task, threads=threads)
    if outcome.status != "ok":
        msg = f"{outcome.reason}\n{outcome.detail}"
        raise SystemExit(msg)
    return (*outcome.value, outcome.peak_mb)


def alike(task: Task) -> dict[str, float]:
    """Correlate what both sides made, inside the template's brain.

    Args:
        task: Scan that both sides preprocessed.
    """
    template = load_template(1)

    def inside(path: Path) -> np.ndarray:
        whole = nib.load(path).get_fdata(dtype=np.float32)
        values: np.ndarray = whole[template.mask]
        return values

    def of_ours(desc: str) -> np.ndarray:
        return inside(map_path(task.out, SCAN, 1, desc, ".nii.gz"))

    def together(one: np.ndarray, other: np.ndarray) -> float:
        return float(np.corrcoef(one, other)[0, 1])

    brain = template.brain.values[template.mask]
    return {
        "T1w images of both, by the affines": together(
            of_ours("preproc"), inside(task.file("t1w"))
        ),
        "log-Jacobians of both": together(
            of_ours("logjacobian"), inside(task.file("jsm"))
        ),
        "warped T1w and template, ANTs": together(inside(task.file("warped")), brain),
    }


def table(costs: Sequence[Cost], correlations: dict[str, float]) -> str:
    """Lay costs and correlations out as Markdown."""
    rows = [
        f"| {c.what} | {c.threads} | {c.seconds:.1f} | {c.wall:.1f} |"
        f" {c.peak_mb:.0f} | {c.ratio:.3g} |"
        for c in costs
    ]
    head = "| | threads | CPU s | wall s | peak, MB | ratio |"
    said = [f"{name}: r = {r:.3f}" for name, r in correlations.items()]
    rule = "| --- | ---: | ---: | ---: | ---: | ---: |"
    return "\n".join([head, rule, *rows, "", *said, ""])
