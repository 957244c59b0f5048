"""True maps of participants of a known world, made by several workers."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.validation_study.truth import STEP, aligned_image, head_of
from crosswarp.bids.ids import ScanId
from crosswarp.errors import IncompleteError
from crosswarp.execution.isolated import Outcome
from crosswarp.execution.logs import LOGS
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.work import Work
from crosswarp.preprocessing.request import map_path
from crosswarp.preprocessing.scan import write_map
from crosswarp.registration.result import Registration
from crosswarp.registration.template import load_template
from crosswarp.simulation.drawing import VirtualParticipant, draw_participant
from crosswarp.simulation.heads import Head, load_head, load_placement
from crosswarp.simulation.participant import make_body
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.simulation.truth_maps import true_maps
from crosswarp.types.arrays import SpatialMap

RESOLUTION: Final = 2

SHARE: Final = 8
"""Participants of one process: it loads the real heads once."""

_PRELOADED: Final = ("scipy.ndimage", __name__)


@dataclass(frozen=True)
class Share:
    """Some participants whose maps one process makes.

    Attributes:
        maps: Root folder of the derivatives.
        heads: Folder of the real heads that are ready.
        numbers: Numbers of the participants.
        settings: Settings of the cohort.
    """

    maps: Path
    heads: Path
    numbers: tuple[int, ...]
    settings: SimulationSettings


def is_made(maps: Path, scan: ScanId) -> bool:
    """Whether both maps of a participant are there; the log-Jacobian comes last."""
    return map_path(maps, scan, RESOLUTION, "logjacobian").is_file()


def make_maps(
    maps: Path,
    heads: Path,
    numbers: Sequence[int],
    settings: SimulationSettings,
    workers: int,
) -> None:
    """Make maps; their bytes do not depend on the number of workers.

    Args:
        maps: Root folder of the derivatives.
        heads: Folder of the real heads that are ready.
        numbers: Numbers of the participants.
        settings: Settings of the cohort.
        workers: Number of processes at a time.

    Raises:
        IncompleteError: If a process failed; says the first reason.
    """
    dealt = [tuple(numbers[n : n + SHARE]) for n in range(0, len(numbers), SHARE)]
    shares = {
        f"{share[0]:03d}-{share[-1]:03d}": Share(maps, heads, share, settings)
        for share in dealt
    }
    engine = LocalEngine(workers)
    work = Work(make_share, preloaded=_PRELOADED)
    outcomes = engine.run(work, shares, logs=maps.parent / LOGS, on_done=_tell)
    for name, outcome in outcomes.items():
        if outcome.status != "ok":
            msg = f"participants {name}: {outcome.status}: {outcome.reason}"
            raise IncompleteError(msg)


def make_share(share: Share) -> None:
    """Make and write the maps of some participants."""
    people = [draw_participant(number, share.settings) for number in share.numbers]
    loaded = {
        name: (load_head(name, share.heads, STEP), load_placement(name, share.heads))
        for name in {person.head for person in people}
    }
    for person in people:
        _write_maps(share.maps, person, *loaded[person.head], share.settings)


def _tell(name: str, outcome: Outcome) -> None:
    sys.stdout.write(f"participants {name}: {outcome.status}\n")
    sys.stdout.flush()


def _write_maps(
    maps: Path,
    person: VirtualParticipant,
    head: Head,
    placed: Registration,
    settings: SimulationSettings,
) -> None:
    """Write both maps, the log-Jacobian last: it says that all is there."""
    template = load_template(RESOLUTION)
    seen = head_of(person, head, settings)
    body = make_body(person, head, settings)
    truth = true_maps(body, placed, RESOLUTION)
    image = aligned_image(person, seen, settings, (body, truth.affine))
    pairs = {"preproc": image, "logjacobian": truth.log_jacobian * template.mask}
    for desc, values in pairs.items():
        path = map_path(maps, person.scan, RESOLUTION, desc)
        write_map(path, SpatialMap(values.astype(np.float32), template.brain.affine))
