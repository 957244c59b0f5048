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

PEOPLE: Final = (100, 1_000, 10_000)

EXTENT: Final = (26, 30, 28)
"""Voxels of the maps; heads are compared by a thousand numbers whatever their size."""

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
    from crosswarp.inputs.samples import Derivatives, find_preprocessing, find_samples

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


STAGES: Final[dict[str, Stage]] = {
    "cohort": cohort,
    "folds": folds,
    "files": files,
    "heads": heads,
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
