"""Which measure of the size of a head agrees with the truth of virtual participants.

Run from the root of the repository: ``python -m benchmarks.head_size FOLDER``. Each
participant is scanned three times: as it is; with the losses of severe disease in the
structures of the simulator; and with its whole brain shrunk inside an unchanged skull.
Prints the table of docs/measured/preprocessing.md; measurements stay in the folder.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.files import write_json
from crosswarp.preprocessing.bias import correct_bias
from crosswarp.preprocessing.brain_mask import find_brain
from crosswarp.preprocessing.head_size import intracranial_volume_cm3
from crosswarp.preprocessing.intensity import scale_intensity
from crosswarp.preprocessing.quality import brain_volume_cm3
from crosswarp.preprocessing.template_mask import coarse_head
from crosswarp.registration.greedy import Greedy
from crosswarp.registration.resampling import at_spacing
from crosswarp.registration.settings import GreedySettings
from crosswarp.registration.template import load_head as load_template_head
from crosswarp.registration.template import load_template
from crosswarp.simulation.drawing import draw_participant
from crosswarp.simulation.fields import Field, Lattice, exponential, spread
from crosswarp.simulation.heads import Head, label_head, load_head
from crosswarp.simulation.participant import REFERENCE_CM3, Body, make_body, scan_body
from crosswarp.simulation.presets import SCANNERS
from crosswarp.simulation.settings import (
    AnatomySettings,
    AtrophySettings,
    Normal,
    SimulationSettings,
)
from crosswarp.types.arrays import SpatialMap

HEADS: Final = ("colin27", "mni2009c")
STATES: Final = ("healthy", "structures", "brain")
SHRINK: Final = 0.035
"""Of the linear size of the brain's inside: a tenth of its volume."""

DEPTH: Final = 10.0
"""Millimetres below the brain mask's edge over which that ends."""

SETTINGS: Final = SimulationSettings(
    participants=1,
    seed=71,
    classes=(Diagnosis.AD,),
    heads=HEADS,
    anatomy=AnatomySettings(),
    atrophy=AtrophySettings(severity={Diagnosis.AD: Normal(mean=1.0, sd=0.0)}),
    acquisition=SCANNERS.model_copy(
        update={"motion_rate": 0.0, "spacing": 2.0, "voxels": ()}
    ),
)


def shrunk(head: Head) -> Field:
    """Displacement from a head with a shrunk brain back to the head.

    Args:
        head: Whose brain shrinks towards its centre; its mask stays where it is.
    """
    x, y, z = head.t1w.affine[:3, 3].tolist()
    fine = Lattice(head.t1w.extent, (x, y, z), head.t1w.spacing[0])
    depth = ndimage.distance_transform_edt(head.brain, head.t1w.spacing)
    share = np.clip(depth / DEPTH, 0, 1).astype(np.float32)
    points = np.argwhere(head.brain) @ head.t1w.affine[:3, :3].T
    points = (points + head.t1w.affine[:3, 3]).astype(np.float32)
    grid = Lattice.around(
        points.min(0, keepdims=True) - 8, points.max(0, keepdims=True) + 8, 4.0
    )
    window = spread(share, fine, grid)
    offsets = grid.points().reshape(*grid.extent, 3) - points.mean(0)
    return exponential(Field(grid, (SHRINK * offsets * window[..., None])))


def true_volume_cm3(head: Head, body: Body) -> float:
    """Volume of the brain mask, with all its fluid, of a participant before disease."""
    points = np.argwhere(head.brain)[::7] @ head.t1w.affine[:3, :3].T
    points = (points + head.t1w.affine[:3, 3]).astype(np.float32)
    anatomy = body.deformation.anatomy
    local = 1 / anatomy.determinant(anatomy.origins(points))
    size = abs(np.linalg.det(body.to_scanner[:3, :3]))
    return float(head.brain_cm3 * local.mean() * size)


def measured(scan: SpatialMap) -> dict[str, float]:
    """Measure one scan in every way, in cm3 up to a constant.

    Args:
        scan: A whole head.
    """
    brain = find_brain(scan)
    even = correct_bias(scan, brain)
    stripped = SpatialMap(scale_intensity(even.values, brain), scan.affine)
    greedy = Greedy(GreedySettings())
    to_brain = greedy.register_affinely(
        load_template(2).brain, at_spacing(stripped, 2.0)
    )
    whole, _ = load_template_head()
    to_head = greedy.register_affinely(coarse_head(whole), coarse_head(scan))
    return {
        "brain mask": brain_volume_cm3(scan, brain),
        "affine of brains": REFERENCE_CM3 * float(np.linalg.det(to_brain[:3, :3])),
        "affine of whole heads": REFERENCE_CM3 * float(np.linalg.det(to_head[:3, :3])),
        "affine of skulls": intracranial_volume_cm3(scan, to_brain),
    }


def one(number: int, name: str, folder: Path) -> dict[str, dict[str, float]]:
    """Scan and measure one participant in its three states, once.

    Args:
        number: Number of the participant.
        name: Of the real head it is made from.
        folder: Where measurements are kept.
    """
    path = folder / f"{name}-{number:02d}.json"
    if path.is_file():
        found: dict[str, dict[str, float]] = json.loads(path.read_text())
        return found
    head = load_head(name, folder)
    sick = replace(draw_participant(number, SETTINGS), head=name)
    healthy = replace(sick, ratios=sick.healthy_ratios)
    whole = make_body(healthy, head, SETTINGS)
    bodies = {
        "healthy": whole,
        "structures": make_body(sick, head, SETTINGS),
        "brain": replace(
            whole, deformation=replace(whole.deformation, atrophy=shrunk(head))
        ),
    }
    found = {"truth": {"volume": true_volume_cm3(head, whole)}}
    for state, body in bodies.items():
        found[state] = measured(scan_body(sick, body, head, SETTINGS)[0])
    write_json(path, found)
    return found


def table(rows: dict[str, list[dict[str, dict[str, float]]]]) -> str:
    """Write the table.

    Args:
        rows: Measurements of all participants, by head.
    """
    lines = [
        "| measure | r with the true size, healthy | SD of the error, % |"
        " Colin27 over MNI, % | structures, % | brain, % |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for measure in rows[HEADS[0]][0]["healthy"]:
        errors = {
            head: np.array(
                [
                    np.log(row["healthy"][measure] / row["truth"]["volume"])
                    for row in people
                ]
            )
            for head, people in rows.items()
        }
        truth = [np.log([r["truth"]["volume"] for r in p]) for p in rows.values()]
        found = [t + e for t, e in zip(truth, errors.values(), strict=True)]
        centred = [
            np.concatenate([v - v.mean() for v in part]) for part in (truth, found)
        ]
        spread_of = np.concatenate([e - e.mean() for e in errors.values()])
        between = errors[HEADS[0]].mean() - errors[HEADS[1]].mean()
        change = {
            state: np.mean(
                [
                    np.log(row[state][measure] / row["healthy"][measure])
                    for people in rows.values()
                    for row in people
                ]
            )
            for state in STATES[1:]
        }
        lines.append(
            f"| {measure} | {np.corrcoef(*centred)[0, 1]:.3f} |"
            f" {100 * spread_of.std(ddof=len(HEADS)):.2f} | {100 * between:+.1f} |"
            f" {100 * change['structures']:+.2f} | {100 * change['brain']:+.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure what is not measured yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--participants", type=int, default=6)
    chosen = parser.parse_args()
    rows: dict[str, list[dict[str, dict[str, float]]]] = {name: [] for name in HEADS}
    for name in HEADS:
        label_head(name, chosen.folder)
    for number in range(1, chosen.participants + 1):
        for name, people in rows.items():
            people.append(one(number, name, chosen.folder))
    sys.stdout.write(table(rows) + "\n")


if __name__ == "__main__":
    main()
