"""Virtual participants."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from crosswarp.api.choices import checked
from crosswarp.api.paths import PathLike, as_path
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.errors import InputError
from crosswarp.simulation.cohort import simulate_cohort
from crosswarp.simulation.drawn_cohort import DrawnSettings, draw_cohort
from crosswarp.simulation.presets import preset_settings

KINDS: Final = ("heads", "maps")
"""What `simulate` can make."""


def simulate(
    out: PathLike,
    participants: int = 32,
    *,
    what: str = "heads",
    preset: str = "easy",
    seed: int = 0,
    classes: Sequence[str] = ("CN", "AD"),
    workers: int = 1,
) -> pd.DataFrame:
    """Make virtual participants. They say nothing about diagnostic accuracy.

    Args:
        out: Folder to write; it may hold the same cohort, which is then extended.
        participants: Number of participants.
        what: ``heads`` writes a BIDS data set of raw T1w heads with known truth, to be
            preprocessed (several seconds per head). ``maps`` draws both maps directly
            on the template grid at 2 mm, with a cohort table (about a second per
            participant): noise with a change in the hippocampi and ventricles, no
            anatomy.
        preset: Preset of the heads: ``easy``, ``realistic``, ``null``, ``confounded``,
            or a known world: ``volume``, ``intensity``, ``both``, ``relation`` or
            ``exclusive_or``.
        seed: Random seed of the participants.
        classes: Diagnoses, assigned in turn: ``CN``, ``MCI`` and ``AD``.
        workers: Heads that are made in parallel, one core each.

    Returns:
        One row per participant. With ``maps`` it is the cohort table, written as
        ``out/cohort.tsv`` beside the folder ``out/derivatives``.

    Raises:
        InputError: If an argument cannot be used, or the disk is too small.
        OccupiedError: If ``out`` holds something else, or a cohort of other settings.
        IncompleteError: If a head could not be made.

    Examples:
        >>> cohort = crosswarp.simulate(study / "virtual", 2, what="maps")
        >>> cohort["diagnosis"].tolist()
        ['CN', 'AD']
        >>> maps = crosswarp.read_maps(study / "virtual/derivatives", "sub-002")
        >>> float(maps.jsm.values.min()) < 0
        True
    """
    if what not in KINDS:
        msg = f"what: expected {' or '.join(KINDS)}, got {what!r}"
        raise InputError(msg)
    diagnoses = tuple(Diagnosis.parse(name) for name in classes)
    if what == "maps":
        given = {"participants": participants, "seed": seed, "classes": diagnoses}
        return draw_cohort(as_path(out), checked(DrawnSettings, given, "simulate"))
    settings = preset_settings(
        preset, participants=participants, seed=seed, classes=diagnoses, workers=workers
    )
    return simulate_cohort(as_path(out), settings)
