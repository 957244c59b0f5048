"""Pools of virtual participants of whom only the truth is made: no scan, no chain.

The true log-Jacobian maps are what a perfect registration would find. They cost some
two seconds of one core each, where a scan and its registration cost twenty.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.derivatives.registration import Registration
from crosswarp.derivatives.template import load_template
from crosswarp.files import fingerprint, read_json, write_json, written_whole
from crosswarp.simulation.base_heads import label_heads
from crosswarp.simulation.dataset import truth_folder
from crosswarp.simulation.drawing import VirtualParticipant, draw_participant
from crosswarp.simulation.heads import Head, load_head, load_placement
from crosswarp.simulation.participant import make_body
from crosswarp.simulation.presets import preset_settings
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.simulation.truth_maps import true_maps

RESOLUTION: Final = 2

STEP: Final = 2
"""Voxels of the real heads: the maps are of 2 mm too, and it halves the time."""

HEADS: Final = "heads"


@dataclass(frozen=True)
class Pool:
    """True maps of the participants of one preset.

    Attributes:
        diagnoses: Of each participant.
        heads: Real head that each was made from.
        maps: Log-Jacobian in the template's brain, participants by voxels.
    """

    diagnoses: np.ndarray
    heads: np.ndarray
    maps: np.ndarray


def heads_folder(work: Path, settings: SimulationSettings) -> Path:
    """Make the real heads ready once, for all pieces of the study."""
    out = work / HEADS
    label_heads(out, settings.heads)
    return truth_folder(out)


def make_pool(
    work: Path, preset: str, participants: int, classes: tuple[Diagnosis, ...]
) -> Pool:
    """Make the true maps of a preset's participants, or take those that are there.

    Args:
        work: Folder of the study.
        preset: As for ``crosswarp simulate``; seed 0.
        participants: How many.
        classes: Diagnoses, dealt in turn.
    """
    settings = preset_settings(preset, participants=participants, classes=classes)
    wanted = fingerprint(settings.of_each_participant())
    folder = work / "truth" / f"{preset}-{wanted}"
    mask = load_template(RESOLUTION).mask
    todo = [n for n in range(1, participants + 1) if not _record(folder, n).is_file()]
    if todo:
        heads = heads_folder(work, settings)
        loaded = {
            name: (load_head(name, heads, STEP), load_placement(name, heads))
            for name in settings.heads
        }
    for number in todo:
        person = draw_participant(number, settings)
        _make_one(folder, person, settings, loaded[person.head], mask)
    records = [read_json(_record(folder, n)) for n in range(1, participants + 1)]
    return Pool(
        np.array([record["diagnosis"] for record in records]),
        np.array([record["head"] for record in records]),
        np.stack([np.load(_map(folder, n)) for n in range(1, participants + 1)]),
    )


def _make_one(
    folder: Path,
    person: VirtualParticipant,
    settings: SimulationSettings,
    base: tuple[Head, Registration],
    mask: np.ndarray,
) -> None:
    head, placed = base
    body = make_body(person, head, settings)
    maps = true_maps(body, placed, RESOLUTION)
    with written_whole(_map(folder, person.number)) as temporary:
        np.save(temporary, maps.log_jacobian[mask].astype(np.float16))
    record: dict[str, Any] = {
        "diagnosis": person.diagnosis.value,
        "head": person.head,
        "severity": person.severity,
        "regions": {r.region: r.true_ratio for r in body.regions},
    }
    write_json(_record(folder, person.number), record)


def _map(folder: Path, number: int) -> Path:
    return folder / f"{number:04d}.npy"


def _record(folder: Path, number: int) -> Path:
    return folder / f"{number:04d}.json"
