"""The two real heads as templates, and the regions that are scored."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.known_truth.anatomies import base_head
from crosswarp.atlas import load_atlas
from crosswarp.preprocessing.intensity import scale_intensity
from crosswarp.registration.softness import changing, softness_of
from crosswarp.registration.template import load_template
from crosswarp.simulation.regions import region_ids
from crosswarp.types.arrays import Mask, SpatialMap

SCORED: Final[dict[str, tuple[str, ...]]] = {
    "hippocampus": ("hippocampus",),
    "ventricles": ("lateral_ventricle", "inferior_lateral_ventricle"),
}
"""What is summed over both sides."""


@dataclass(frozen=True)
class ScoredTemplate:
    """A real head as the fixed image.

    Attributes:
        name: Of the head.
        brain: T1w, brain only, scaled to [0, 1], 1 mm.
        mask: Its brain.
        regions: What is scored, by name.
        softness: Where a registration may bend more, from the same atlas as the
            embedded template's (`crosswarp.registration.softness`).
    """

    name: str
    brain: SpatialMap
    mask: Mask
    regions: dict[str, Mask]
    softness: SpatialMap


@lru_cache(maxsize=2)
def scored_template(name: str, folder: Path) -> ScoredTemplate:
    """Load a head as a template, free of added noise.

    Args:
        name: As in `crosswarp.simulation.heads.SOURCES`.
        folder: Where its labels are kept.
    """
    head = base_head(name, folder)
    values = scale_intensity(head.t1w.values, head.brain)
    regions = {
        region: np.isin(head.labels, list(region_ids(structures).values()))
        for region, structures in SCORED.items()
    }
    embedded = load_template(1).brain
    changed = changing(load_atlas(embedded.extent, embedded.affine)[1])
    soft = softness_of(np.isin(head.labels, changed), 1.0)
    affine = head.t1w.affine
    return ScoredTemplate(
        name,
        SpatialMap(values, affine),
        head.brain,
        regions,
        SpatialMap(soft, affine),
    )
