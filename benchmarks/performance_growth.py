"""How stages grow with the cohort: time and memory of 100 to 10,000 participants.

Run from the root of the repository: ``python -m benchmarks.performance_growth``. Rows
are made up, and so are the maps, which are small, so that what is measured is a stage
and not the reading of images. Each stage and size has a process of its own.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from crosswarp.bids.ledger import LEDGER
from crosswarp.bids.tables import write_table
from tests.report.fake_run import FakeRun

PEOPLE: Final = (100, 1_000, 10_000)

EXTENT: Final = (26, 30, 28)
"""Voxels of the maps; heads are compared by a thousand numbers whatever their size."""

SHARED: Final = 16
"""People whose maps the others share, of as many diagnoses as there are in turn."""

SPACE: Final = "MNI152NLin2009cSym"

Stage = Callable[[int, Path], Callable[[], object]]
"""Prepares a number of participants in a folder; returns what is measured."""


def cohort(number: int, folder: Path) -> Callable[[], object]:
    """Read and check a cohort table."""
    from crosswarp.bids.cohort import read_cohort, write_cohort

    path = folder / "cohort.tsv"
    write_cohort(path, people(number))
    return lambda: read_cohort(path)


def folds(number: int, folder: Path) -> Callable[[], object]:
    """Assign participants to five folds, write and read them."""
    from crosswarp.inputs.folds import make_folds, read_folds, write_folds

    table, path = people(number), folder / "folds.tsv"

    def side() -> None:
        write_folds(path, make_folds(table))
        read_folds(path)

    return side


def files(number: int, folder: Path) -> Callable[[], object]:
    """Find the maps of all participants, and read what made them."""
    from crosswarp.bids.ids import ScanId
    from crosswarp.files import write_json
    from crosswarp.inputs.made_with import find_preprocessing
    from crosswarp.inputs.samples import find_samples
    from crosswarp.inputs.scan_files import Derivatives

    table, maps = people(number), Derivatives(folder, SPACE, 2)
    shared = folder / "shared.json"
    write_json(shared, {"Settings": {"resolution": 2}})
    for name in table["participant_id"]:
        for desc in ("preproc", "logjacobian"):
            path = maps.path(ScanId(name, "ses-M00"), desc)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(path.name.removesuffix(".nii.gz") + ".json").hardlink_to(
                shared
            )
            path.touch()
    return lambda: find_preprocessing(find_samples(table, maps))


def heads(number: int, folder: Path) -> Callable[[], object]:
    """Look for one head under two names, mirrored ones as well."""
    from crosswarp.inputs.duplicates import HeadsSeen

    del folder

    def maps(row: int) -> tuple[np.ndarray, np.ndarray]:
        drawn = np.random.default_rng(row)
        t1w, jsm = drawn.random((2, *EXTENT), dtype=np.float32).astype(np.float16)
        return t1w, jsm

    def side() -> None:
        seen = HeadsSeen(2, lambda values: values[::-1])
        for row in range(number):
            seen.add(f"sub-{row}", *maps(row))
        seen.check(maps)

    return side


def store(number: int, folder: Path) -> Callable[[], object]:
    """Read the maps of all scans into the store, of at most 16 people with many scans.

    One head under two names is looked for in `heads`, and refused.
    """
    import nibabel as nib

    from crosswarp.bids.ids import ScanId
    from crosswarp.inputs.grid import Grid
    from crosswarp.inputs.scan_files import ScanFiles
    from crosswarp.inputs.store import write_store

    i, j, k = ((0, side) for side in EXTENT)
    grid = Grid(SPACE, 2, EXTENT, np.diag([2.0, 2.0, 2.0, 1.0]), (i, j, k))
    drawn = np.random.default_rng(0)
    for person in range(min(number, SHARED)):
        for name in ("t1w", "jsm"):
            values = drawn.random(EXTENT, dtype=np.float32)
            image = nib.Nifti1Image(values, grid.affine)
            nib.save(image, folder / f"{person}_{name}.nii.gz")
    samples = []
    for row in range(number):
        person = row % SHARED
        t1w, jsm = (folder / f"{person}_{name}.nii.gz" for name in ("t1w", "jsm"))
        scan = ScanId(f"sub-{person}", f"ses-{row}")
        samples.append(ScanFiles(scan, "CN", "virtual", t1w, jsm))
    return lambda: write_store(folder / "store", samples, grid)


def report(number: int, folder: Path) -> Callable[[], object]:
    """Write the report of an evaluated run of four models and five folds."""
    from crosswarp.evaluation.evaluate import evaluate_run
    from crosswarp.report.assemble import write_report

    run = SharedMaps(participants=number).write(folder)
    evaluate_run(run, resamples=100)
    return lambda: write_report(run)


class SharedMaps(FakeRun):
    """A made-up run whose participants share the maps of a few."""

    def _write_derivatives(self, root: Path) -> None:
        few = FakeRun(participants=min(self.participants, SHARED))
        few._write_derivatives(root)
        for number in range(few.participants, self.participants):
            source, name = f"sub-{number % SHARED:03d}", f"sub-{number:03d}"
            for path in (root / source).rglob("*.nii.gz"):
                place = path.relative_to(root / source).parent
                to = root / name / place / path.name.replace(source, name)
                to.parent.mkdir(parents=True, exist_ok=True)
                to.hardlink_to(path)
        write_table(root / LEDGER, self._ledger(np.random.default_rng(3)))


STAGES: Final[dict[str, Stage]] = {
    "cohort": cohort,
    "folds": folds,
    "files": files,
    "heads": heads,
    "store": store,
    "report": report,
}


def people(number: int) -> pd.DataFrame:
    """Make up a cohort's rows."""
    drawn = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "participant_id": [f"sub-{n:06d}" for n in range(number)],
            "session_id": "ses-M00",
            "diagnosis": np.where(np.arange(number) % 2, "AD", "CN"),
            "age_years": drawn.normal(74, 6, number).round(1).clip(55, 95),
            "sex": drawn.choice(["F", "M"], number),
            "site": drawn.choice(["A", "B", "C"], number),
            "origin": "virtual",
        }
    )


def measure(name: str, number: int) -> tuple[float, float]:
    """Measure a stage once, in a process of its own.

    Args:
        name: Name of the stage.
        number: Number of participants.

    Returns:
        Seconds of the processor, and the peak of memory in MB, libraries included.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (name, number))


def _measured(name: str, number: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        side = STAGES[name](number, Path(folder))
        started = time.process_time()
        side()
        taken = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return taken, peak


def table(names: Sequence[str], sizes: Sequence[int]) -> str:
    """Measure stages, and lay them out as Markdown."""
    lines = [
        "| stage | participants | CPU s | peak, MB |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name in names:
        for number in sizes:
            taken, peak = measure(name, number)
            lines.append(f"| {name} | {number:,} | {taken:.3g} | {peak:.0f} |")
    return "\n".join([*lines, ""])


def main(words: list[str] | None = None) -> None:
    """Print the table.

    Args:
        words: Arguments; the command line's when None.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=[*STAGES])
    parser.add_argument("--people", nargs="*", type=int, default=PEOPLE)
    given = parser.parse_args(words)
    sys.stdout.write(table(given.stages, given.people))


if __name__ == "__main__":
    main()
