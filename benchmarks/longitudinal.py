"""How much of a known change between two scans of one person is found?

Run from the root of the repository::

    python -m benchmarks.longitudinal --folder WORK

Virtual people are real heads with a random anatomy; their later scan has another pose,
noise, bias and contrast, and lost a known share of some structures. Scans are given
with their brain and with the bias that N4 leaves, so that the change alone is measured.
What is done is not done again. Writes ``WORK/longitudinal.tsv``, a row for each
structure of each pair; the tables of docs/measured/longitudinal.md go to standard
output.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.known_truth.anatomies import ANATOMY, SCANNER, base_head
from benchmarks.known_truth.people import places_in_head
from crosswarp.bids.tables import read_table, write_table
from crosswarp.files import written_whole
from crosswarp.longitudinal.change import Change, change_between, meet
from crosswarp.longitudinal.midspace import Midspace
from crosswarp.longitudinal.nulls import null_changes
from crosswarp.longitudinal.pairs import Grid, Visit
from crosswarp.longitudinal.rates import spread_of
from crosswarp.longitudinal.settings import LongitudinalSettings
from crosswarp.longitudinal.template import both_halfway
from crosswarp.registration.resampling import grid_points, resample
from crosswarp.registration.torch_lncc.pyramid import extent_of
from crosswarp.simulation.acquisition import acquire, random_pose, scanner_lattice
from crosswarp.simulation.anatomy import anatomy_lattice, random_size, random_velocity
from crosswarp.simulation.atrophy import AtrophyModel
from crosswarp.simulation.fields import Field, Lattice, exponential
from crosswarp.simulation.heads import Head
from crosswarp.simulation.participant import Deformation, pull
from crosswarp.simulation.regions import region_ids
from crosswarp.types.arrays import ScalarMap, SpatialMap

CHANGED: Final = ("hippocampus", "thalamus", "middle_temporal", "lateral_ventricle")
SCORED: Final = ("hippocampus", "thalamus", "lateral_ventricle", "putamen")
"""The putamen does not change; the middle temporal gyrus lies outside the box."""

AROUND: Final = 16.0
"""Millimetres of the box around the scored structures, in which the change is sought:
a tenth of the head, and of the time. ``--whole`` takes the whole head."""

GROWTH: Final = 1.5
"""The ventricles gain this much of what the other structures lose."""

PEOPLE: Final = (("colin27", 3), ("mni2009c", 4))
"""Real heads, and seeds of their random anatomy."""

DOSES: Final = (0, 1, 3, 5)
"""Per cent that each structure loses; 0 is a second scan without change."""


@dataclass(frozen=True)
class Scan:
    """One scan of one virtual person.

    Attributes:
        head: Real head that it is made from.
        seed: Of the random anatomy.
        dose: Per cent lost.
        number: Of the scan: each has a pose, noise, bias and contrast of its own.
    """

    head: str
    seed: int
    dose: int
    number: int = 1

    @property
    def path(self) -> str:
        """Name of its file."""
        return f"{self.head}-{self.seed}-{self.dose}-{self.number}.npz"


def main() -> None:
    """Do what is not done yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--heads", nargs="+", default=[name for name, _ in PEOPLE])
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--doses", nargs="+", type=int, default=list(DOSES))
    given = parser.parse_args()
    path = given.folder / "longitudinal.tsv"
    rows: list[dict[Any, Any]] = []
    if path.is_file():
        rows = read_table(path).to_dict("records")
    done = {(row["head"], int(row["dose"])) for row in rows}
    for head, seed in PEOPLE:
        for dose in given.doses:
            if head in given.heads and (head, dose) not in done:
                rows += measure(Scan(head, seed, dose), given.folder, given.whole)
                write_table(path, pd.DataFrame(rows))
    print(summary(pd.DataFrame(rows)))  # noqa: T201 - what the page shows


def measure(
    scan: Scan, folder: Path, whole: bool = False
) -> list[dict[str, str | float]]:
    """Estimate the change of one pair, and hold it against the truth.

    Args:
        scan: Later scan; the first is that of the same person without loss.
        folder: Where scans are kept.
        whole: Whether the change is sought in the whole head.
    """
    head, dose = scan.head, scan.dose
    first_scan = Scan(head, scan.seed, 0)
    scans = first_scan, replace(scan, number=1 if dose else 2)
    (first, label), (later, other) = (load(scan, folder) for scan in scans)
    labels = (label, other)
    settings = LongitudinalSettings()
    started = time.process_time()
    ids = region_ids(SCORED)
    space = meet(first, later, settings)
    if not whole:
        space = boxed(space, labels, ids)
    change = change_between(first, later, settings, space)
    seconds = time.process_time() - started
    found = log_changes(change, change, labels, ids)
    width = np.full(len(ids), np.nan)
    if not dose:
        halves = both_halfway(first, later, change)
        nulls = [
            log_changes(null, change, labels, ids)
            for null in null_changes(halves[:2], halves[2], change, settings)
        ]
        partners = [n + 1 if n % 2 == 0 else n - 1 for n in range(len(ids))]
        width = spread_of(np.stack(nulls), partners).half_width
    noise = float(change.log_change[space.brain].std())
    return [
        {
            "head": head,
            "dose": dose,
            "region": name,
            "true": float(np.log(ratio_of(name, dose))),
            "found": float(log),
            "half_width": float(half),
            "correlation": space.correlation,
            "brain_sd": noise,
            "cpu_seconds": round(seconds, 1),
        }
        for name, log, half in zip(ids, found, width, strict=True)
    ]


def boxed(
    space: Midspace, labels: Sequence[SpatialMap], ids: dict[str, int]
) -> Midspace:
    """Cut a midspace to a box around some structures."""
    grid = space.grid
    inside = np.isin(labels[0].values, list(ids.values())).astype(np.float32)
    source = SpatialMap(inside, labels[0].affine)
    there = resample(source, grid.extent, grid.affine, space.to_scans[0]) > 0.5
    where = np.argwhere(there)
    margin = round(AROUND / grid.spacing)
    low = np.maximum(where.min(axis=0) - margin, 0) // 2 * 2
    high = np.minimum(where.max(axis=0) + margin, grid.extent) // 2 * 2
    i, j, k = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    affine = grid.affine.copy()
    affine[:3, 3] += grid.spacing * low
    weight = grid.weight[i, j, k].contiguous()
    small = Grid(extent_of(weight), affine, weight)
    return Midspace(space.to_scans, small, space.brain[i, j, k], space.correlation)


def ratio_of(region: str, dose: int) -> float:
    """Volume of a region after over before."""
    share = dose / 100 * (not region.startswith("putamen"))
    return 1 + GROWTH * share if "ventricle" in region else 1 - share


def log_changes(
    change: Change,
    where: Change,
    labels: Sequence[SpatialMap],
    ids: dict[str, int],
) -> np.ndarray:
    """Log change of each region, where the true labels of both scans lie.

    Args:
        change: What was found.
        where: The change whose midspace knows both scans.
        labels: True labels on the grid of each scan.
        ids: Label of each region.
    """
    grid = where.midspace.grid
    found = []
    for label in ids.values():
        share: ScalarMap = np.zeros(grid.extent, np.float32)
        for one, to_scan in zip(labels, where.midspace.to_scans, strict=True):
            here = np.equal(one.values, label)
            inside = SpatialMap(here.astype(np.float32), one.affine)
            share += resample(inside, grid.extent, grid.affine, to_scan)
        before, after = (float((share * np.exp(v)).sum()) for v in change.log_volumes)
        found.append(np.log(after / before))
    return np.array(found)


def load(scan: Scan, folder: Path) -> tuple[Visit, SpatialMap]:
    """Load a scan and its true labels; make them where they are not there."""
    path = folder / scan.path
    if not path.is_file():
        make(scan, folder)
    with np.load(path) as stored:
        affine = stored["affine"]
        return (
            Visit(
                SpatialMap(stored["img"], affine), stored["brain"], stored["to_scan"]
            ),
            SpatialMap(stored["lab"].astype(np.float32), affine),
        )


def make(scan: Scan, folder: Path) -> None:
    """Make a scan, its brain and its true labels."""
    head = base_head(scan.head, folder / "heads")
    fields = np.random.default_rng(np.random.SeedSequence([scan.seed, 16]).spawn(2)[0])
    velocity = random_velocity(anatomy_lattice(head.t1w), ANATOMY, fields)
    size = random_size(ANATOMY, "F", fields)
    drawn = [scan.seed, scan.dose, scan.number]
    to_scan = random_pose(SCANNER, np.random.default_rng([*drawn, 5])) @ size
    way = Deformation(
        np.linalg.inv(to_scan), exponential(velocity.scaled(-1.0)), _lost(head, scan)
    )
    grid = scanner_lattice(SCANNER.spacing)
    noise = np.random.default_rng([*drawn, 9])
    image = acquire(pull(head.t1w, way, grid), SCANNER, noise).astype(np.float32)
    whole = SpatialMap(head.brain.astype(np.float32), head.t1w.affine)
    with written_whole(folder / scan.path) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            img=image,
            brain=pull(whole, way, grid) > 0.5,
            affine=grid.affine,
            lab=_labels(head, way, grid),
            to_scan=to_scan,
        )


def _lost(head: Head, scan: Scan) -> Field:
    if not scan.dose:
        x, y, z = head.t1w.affine[:3, 3].tolist()
        still = Lattice((2, 2, 2), (x, y, z), 2.0)
        return Field(still, np.zeros((2, 2, 2, 3), dtype=np.float32))
    ids = region_ids(CHANGED)
    wanted = {name: ratio_of(name, scan.dose) for name in ids}
    return AtrophyModel(head, ids).solve(wanted).pull_back


def _labels(head: Head, way: Deformation, grid: Lattice) -> np.ndarray:
    """Nearest labels of the real head at the voxels of a scan."""
    points = grid_points(grid.extent, grid.affine).reshape(-1, 3).astype(np.float32)
    places = places_in_head(points, way)
    voxels = np.rint((places - head.t1w.affine[:3, 3]) / head.t1w.spacing[0])
    index = voxels.astype(int)
    inside = ((index >= 0) & (index < np.array(head.labels.shape))).all(axis=1)
    labels = np.zeros(len(index), np.int16)
    labels[inside] = head.labels[tuple(index[inside].T)]
    return labels.reshape(grid.extent)


def summary(table: pd.DataFrame) -> str:
    """Put the shares found, and the pairs without change, into Markdown."""
    lines = ["| head | loss | structure | true, % | found, % | share | CPU s |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    structure = table["region"].str.rsplit("_", n=1).str[0]
    for keys, rows in table.groupby(["head", "dose", structure], sort=False):
        true, found = (100 * np.expm1(rows[c].mean()) for c in ("true", "found"))
        share = f"{found / true:.2f}" if true else "n/a"
        seconds = rows["cpu_seconds"].iloc[0]
        name = str(keys[2]).replace("_", " ")
        lines.append(
            f"| {keys[0]} | {keys[1]} % | {name} | {true:+.2f}"
            f" | {found:+.2f} | {share} | {seconds:.0f} |"
        )
    still = table[table["dose"] == 0]
    inside = (still["found"].abs() <= still["half_width"]).sum()
    for head, rows in still.groupby("head"):
        sd = 100 * float(np.sqrt((rows["found"] ** 2).mean()))
        lines.append(
            f"\n{head}, without change: SD of a structure of one side {sd:.2f} %, of"
            f" the map in the brain {rows['brain_sd'].iloc[0]:.4f}"
        )
    lines.append(f"\n0 within the interval: {inside} of {len(still)} structures")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
