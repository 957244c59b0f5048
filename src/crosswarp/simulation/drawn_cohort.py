"""A cohort of virtual maps, drawn in a second per participant.

The maps serve to try networks and statistics on where a cohort of virtual heads
(`crosswarp.simulation.cohort`) takes minutes.
"""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from crosswarp.bids.cohort import write_cohort
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import template_path, write_dataset_description
from crosswarp.documents import read_object
from crosswarp.errors import OccupiedError
from crosswarp.files import write_json
from crosswarp.locks import locked
from crosswarp.outputs import DRAWN, TRUTH, claim_folder
from crosswarp.preprocessing.request import map_path
from crosswarp.preprocessing.scan import write_map
from crosswarp.registration.template import Template, load_template
from crosswarp.simulation.drawn_maps import Canvas, draw_maps, make_canvas
from crosswarp.study.names import COHORT, DERIVATIVES, VIRTUAL_MAPS
from crosswarp.types.arrays import SpatialMap
from crosswarp.types.grid import SPACE

RESOLUTION: Final = 2
"""Spacing of the maps, in mm."""

SEVERITY: Final = {Diagnosis.CN: 0.0, Diagnosis.MCI: 0.5, Diagnosis.AD: 1.0}
"""Mean severity of each diagnosis."""

SEVERITY_SD: Final = 0.3
"""SD of the severity within a diagnosis."""


class DrawnSettings(BaseModel):
    """Size of a cohort of drawn maps.

    Attributes:
        participants: Number of participants.
        seed: Random seed; a participant does not depend on how many follow.
        classes: Diagnoses, assigned in turn.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    participants: int = Field(ge=1, le=10_000)
    seed: int = Field(default=0, ge=0)
    classes: tuple[Diagnosis, ...] = Field(
        default=(Diagnosis.CN, Diagnosis.AD), min_length=1
    )


def draw_cohort(out: Path, settings: DrawnSettings) -> pd.DataFrame:
    """Draw the maps of a cohort and write them as `crosswarp preprocess` names them.

    Args:
        out: Folder for ``cohort.tsv`` and ``derivatives``; new, empty, or with a
            cohort of the same seed and classes.
        settings: Size of the cohort.

    Returns:
        The cohort table.

    Raises:
        OccupiedError: If the folder holds something else.
        LockedError: If another process works on the folder.
        MissingPackageError: If the package with the template is not installed.
    """
    claim_folder(out, DRAWN)
    with locked(out):
        _mark(out, settings)
        canvas, maps = make_canvas(load_template(RESOLUTION)), out / DERIVATIVES
        write_dataset_description(maps, "virtual maps", purpose=TRUTH)
        write_template(maps, canvas.template)
        numbers = range(1, settings.participants + 1)
        table = pd.DataFrame([_draw(maps, n, settings, canvas) for n in numbers])
        write_cohort(out / COHORT, table)
        return table


def write_template(maps: Path, template: Template) -> None:
    """Write the template's brain and mask beside maps that no registration made.

    Args:
        maps: Root folder of the derivatives.
        template: Template at the resolution of the maps.
    """
    mask = SpatialMap(template.mask.astype(np.float32), template.brain.affine)
    for suffix, image in (("mask", mask), ("T1w", template.brain)):
        path = template_path(
            maps, space=SPACE, res=template.resolution, desc="brain", suffix=suffix
        )
        write_map(path, image)


def _mark(out: Path, settings: DrawnSettings) -> None:
    """Refuse a cohort of other settings; mark a new folder."""
    chosen = settings.model_dump(mode="json", exclude={"participants"})
    known = read_object(out / VIRTUAL_MAPS)
    if known not in ({}, chosen):
        msg = (
            f"{out} holds virtual maps of seed {known.get('seed')} and classes"
            f" {known.get('classes')}; choose another folder or delete it"
        )
        raise OccupiedError(msg)
    write_json(out / VIRTUAL_MAPS, chosen)


def _draw(
    maps: Path, number: int, settings: DrawnSettings, canvas: Canvas
) -> dict[str, object]:
    """Draw and write one participant; return the row of the cohort table."""
    rng = np.random.default_rng([settings.seed, number])
    scan = ScanId(f"sub-{number:03d}")
    diagnosis = settings.classes[(number - 1) % len(settings.classes)]
    severity = rng.normal(SEVERITY[diagnosis], SEVERITY_SD)
    drawn = draw_maps(canvas, float(severity), rng)
    for desc, image in zip(("preproc", "logjacobian"), drawn, strict=True):
        write_map(map_path(maps, scan, RESOLUTION, desc), image)
    return {
        "participant_id": scan.participant_id,
        "session_id": None,
        "diagnosis": diagnosis.value,
        "age_years": round(float(rng.normal(74, 6)), 1),
        "sex": "FM"[int(rng.integers(2))],
        "site": f"site{1 + int(rng.integers(2))}",
        "origin": "virtual",
    }
