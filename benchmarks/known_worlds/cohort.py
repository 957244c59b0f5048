"""Maps of a known world as a folder that a comparison reads, without scan or chain.

The log-Jacobian map is the true one, as a registration without error would find it;
the T1w image is a scan that a perfect affine laid on the template. A participant takes
some four seconds of one core, where a scan and its registration take over twenty.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.known_worlds.maps import RESOLUTION, is_made, make_maps
from benchmarks.validation_study.truth import heads_folder
from crosswarp.bids.cohort import write_cohort
from crosswarp.bids.names import write_dataset_description
from crosswarp.bids.tables import write_table
from crosswarp.documents import read_json
from crosswarp.files import write_json
from crosswarp.outputs import TRUTH
from crosswarp.registration.template import load_template
from crosswarp.simulation.drawing import VirtualParticipant, draw_participant
from crosswarp.simulation.drawn_cohort import write_template
from crosswarp.simulation.presets import preset_settings
from crosswarp.simulation.settings import HEAD_NAMES, SimulationSettings
from crosswarp.simulation.worlds import oracle_scores
from crosswarp.study.names import COHORT, DERIVATIVES

SETTINGS: Final = "world.json"
"""The settings that the maps of a folder were made with."""

ORACLE: Final = "oracle.tsv"
"""What one who knows both severities says of each participant."""


def make_world(
    work: Path,
    world: str,
    participants: int,
    seed: int,
    heads: tuple[str, ...] = HEAD_NAMES[:2],
    workers: int = 1,
) -> Path:
    """Make the maps of a world's participants, or go on with them.

    Args:
        work: Folder of the study; the real heads are made ready in it once.
        world: One of `crosswarp.simulation.worlds.WORLDS`.
        participants: Number of participants, AD and CN in turn.
        seed: Random seed of the participants.
        heads: Real heads that the participants are made from, in turn.
        workers: Number of processes at a time; changes nothing in the maps.

    Returns:
        Folder with ``cohort.tsv``, ``derivatives`` and the oracle's scores.

    Raises:
        ValueError: If the folder has maps of other settings.
        IncompleteError: If maps could not be made; the others are there.
    """
    folder, settings = claim(work, world, participants, seed, heads)
    maps = folder / DERIVATIVES
    write_dataset_description(maps, "true virtual maps", purpose=TRUTH)
    write_template(maps, load_template(RESOLUTION))
    people = [draw_participant(n, settings) for n in range(1, participants + 1)]
    todo = [person.number for person in people if not is_made(maps, person.scan)]
    if todo:
        make_maps(maps, heads_folder(work, settings), todo, settings, workers)
    write_people(folder, people, settings)
    return folder


def write_people(
    folder: Path, people: Sequence[VirtualParticipant], settings: SimulationSettings
) -> None:
    """Write the cohort of a world's folder, and what the oracle says of each.

    Args:
        folder: Of the maps.
        people: Who has maps.
        settings: Of the world, which the oracle knows.
    """
    write_cohort(folder / COHORT, pd.DataFrame([_row(person) for person in people]))
    severities = np.array([(p.severity, p.signal_severity) for p in people])
    oracle = pd.DataFrame(
        {
            "participant_id": [person.scan.participant_id for person in people],
            "diagnosis": [person.diagnosis.value for person in people],
            "severity": severities[:, 0],
            "signal_severity": severities[:, 1],
            "oracle": oracle_scores(severities, settings),
        }
    )
    write_table(folder / ORACLE, oracle)


def claim(
    work: Path, world: str, participants: int, seed: int, heads: tuple[str, ...]
) -> tuple[Path, SimulationSettings]:
    """Take the folder of a world's maps, as `make_world` is asked for them.

    Returns:
        The folder, made when it is not there, and the settings of the world.

    Raises:
        ValueError: If the folder has maps of other settings.
    """
    settings = preset_settings(world, participants=participants, seed=seed, heads=heads)
    folder = work / f"{world}-{seed}-{participants}"
    wanted = settings.of_each_participant()
    path = folder / SETTINGS
    if path.is_file() and read_json(path) != wanted:
        msg = f"{folder} has maps of other settings; delete it or take another folder"
        raise ValueError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(path, wanted)
    return folder, settings


def _row(person: VirtualParticipant) -> dict[str, Any]:
    return {
        "participant_id": person.scan.participant_id,
        "session_id": None,
        "diagnosis": person.diagnosis.value,
        "age_years": person.age_years,
        "sex": person.sex,
        "site": person.site,
        "head": person.head,
        "origin": "virtual",
    }
