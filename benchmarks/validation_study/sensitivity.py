"""Sensitivity: what do noise, inhomogeneity, voxels and pose do to the maps?"""

from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.validation_study.chain import Case, found_and_true
from benchmarks.validation_study.pieces import Row, done_or_made
from crosswarp.simulation.settings import AcquisitionSettings

EXPERIMENT: Final = "sensitivity"

DOSE: Final = 0.20
"""Of AD: hippocampus a fifth smaller than in the same participant without it."""

NUMBERS: Final = (2, 1)
"""Participants: one made from the template's own head, one from Colin27."""

IDEAL: Final = {
    "noise": 0.0,
    "bias_sd": 0.0,
    "gamma_sd": 0.0,
    "rotation_sd": 0.0,
    "translation_sd": 0.0,
    "sites": ("site1",),
}

CONDITIONS: Final[dict[str, dict[str, Any]]] = {
    "ideal": {},
    "noise 0.08": {"noise": 0.08},
    "bias field 0.40": {"bias_sd": 0.40},
    "voxels 1 x 1 x 3 mm": {"voxels": ((1.0, 1.0, 3.0),)},
    "pose 15 degrees, 15 mm": {"rotation_sd": 15.0, "translation_sd": 15.0},
    "noise 0.15": {"noise": 0.15},
    "voxels 1.5 x 1.5 x 1.5 mm": {"voxels": ((1.5, 1.5, 1.5),)},
}
"""Changes of an ideal scanner. Noise is a share of white matter; inhomogeneity the
spread of its logarithm; pose the spread of turns about, and shifts along, each axis."""


def sensitivity(work: Path, participants: int, registration: str) -> None:
    """Scan the same participants, with and without atrophy, in every condition.

    Args:
        work: Folder of the study.
        participants: How many of `NUMBERS`.
        registration: As for ``crosswarp preprocess --registration``.
    """
    for number in NUMBERS[:participants]:
        for condition, changes in CONDITIONS.items():
            scanner = AcquisitionSettings(**{**IDEAL, **changes})
            for dose in (0.0, DOSE):
                scan = f"sub-{number:03d}-{_slug(condition)}-{100 * dose:03.0f}"
                name = f"{registration}-{scan}"
                case = Case(number, dose, scanner)
                make = partial(_row, work, case, condition, registration)
                done_or_made(work, f"{EXPERIMENT}/{name}", make)


def _row(work: Path, case: Case, condition: str, registration: str) -> Row:
    return {"condition": condition, **found_and_true(work, case, registration)}


def _slug(condition: str) -> str:
    return condition.replace(" ", "_").replace(",", "")
