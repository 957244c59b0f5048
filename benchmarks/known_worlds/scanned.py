"""A known world on maps that the chain made of scans, as a user's maps are made.

The participants are those of `benchmarks.known_worlds.cohort.make_world`; each is
scanned, its scan is preprocessed with the package's defaults at 2 mm, and a scan that
is refused is not in the cohort: the ledger of the derivatives has its reason.
"""

from pathlib import Path
from typing import Final

from benchmarks.known_worlds.cohort import claim, write_people
from benchmarks.known_worlds.maps import RESOLUTION
from crosswarp.bids.dataset import find_scans
from crosswarp.execution.pool import LocalEngine
from crosswarp.preprocessing.cohort import preprocess_cohort
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.simulation.cohort import simulate_cohort
from crosswarp.simulation.drawing import draw_participant
from crosswarp.simulation.settings import HEAD_NAMES
from crosswarp.study.names import DERIVATIVES

SCANNED: Final = "scanned"
"""Folder, inside a study's, of the worlds and studies of maps that the chain made."""

SCANS: Final = "scans"


def make_scanned_world(
    work: Path,
    world: str,
    participants: int,
    seed: int,
    heads: tuple[str, ...] = HEAD_NAMES[:2],
    workers: int = 1,
) -> Path:
    """Scan a world's participants and make their maps, or go on with them.

    Args:
        work: Folder of the study.
        world: One of `crosswarp.simulation.worlds.WORLDS`.
        participants: Number of participants, AD and CN in turn.
        seed: Random seed of the participants.
        heads: Real heads that the participants are made from, in turn.
        workers: Number of processes at a time; changes nothing in the maps.

    Returns:
        Folder like that of `benchmarks.known_worlds.cohort.make_world`.

    Raises:
        ValueError: If the folder has maps of other settings.
        IncompleteError: If scans could not be made; the others are there.
    """
    folder, settings = claim(work, world, participants, seed, heads)
    simulate_cohort(folder / SCANS, settings.model_copy(update={"workers": workers}))
    ledger = preprocess_cohort(
        find_scans(folder / SCANS),
        folder / DERIVATIVES,
        PreprocessSettings(resolution=RESOLUTION),
        engine=LocalEngine(workers),
    )
    fine = set(ledger.loc[ledger["status"] == "ok", "participant_id"])
    people = [draw_participant(n, settings) for n in range(1, participants + 1)]
    kept = [person for person in people if person.scan.participant_id in fine]
    write_people(folder, kept, settings)
    return folder
