"""Regions ranked by their share of an attribution."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from crosswarp.atlas import Region
from crosswarp.types.arrays import LabelMap, Mask, ScalarMap

ELSEWHERE: Final = "elsewhere in the brain"
OUTSIDE: Final = "outside the brain"


def rank_regions(
    absolute: ScalarMap,
    signed: ScalarMap,
    labels: LabelMap,
    regions: Sequence[Region],
    brain: Mask,
) -> pd.DataFrame:
    """Say how much of an attribution falls into each region.

    The average that a region's density is compared with is that of the brain: most of a
    grid is air, where a network sees nothing, and against it every region would look
    important.

    Args:
        absolute: Mean size of the attribution of each voxel.
        signed: Its mean, above 0 where it speaks for the positive class.
        labels: Atlas on the same grid.
        regions: What the labels mean. What lies outside the brain is not counted.
        brain: Brain mask of the template.

    Returns:
        One row a region and one for what lies outside the brain, the largest share
        first: ``region``, ``hemisphere``, ``voxels``, ``share`` (of the whole
        attribution, 0 to 1), ``density`` (mean size in the region over that in the
        brain; above 1 is more than the brain's average voxel), ``signed`` (sum).
    """
    named = np.isin(labels, [region.label for region in regions])
    parts: list[tuple[str, str | None, Mask]] = [
        (r.name, r.hemisphere, brain & (labels == r.label)) for r in regions
    ]
    parts += [(ELSEWHERE, None, brain & ~named), (OUTSIDE, None, ~brain)]
    total = float(absolute.sum()) or 1.0
    average = float(absolute[brain].mean()) if brain.any() else 0.0
    rows = []
    for name, hemisphere, inside in parts:
        voxels = int(inside.sum())
        found = float(absolute[inside].sum())
        rows.append(
            {
                "region": name,
                "hemisphere": hemisphere,
                "voxels": voxels,
                "share": found / total,
                "density": found / voxels / average if voxels and average else 0.0,
                "signed": float(signed[inside].sum()),
            }
        )
    table = pd.DataFrame(rows)
    return table.sort_values("share", ascending=False, kind="stable", ignore_index=True)
