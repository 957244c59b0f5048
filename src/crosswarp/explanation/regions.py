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

    Args:
        absolute: Mean size of the attribution of each voxel.
        signed: Its mean, above 0 where it speaks for the positive class.
        labels: Atlas on the same grid.
        regions: What the labels mean.
        brain: Template's brain.

    Returns:
        One row a region, the largest share first: ``region``, ``hemisphere``,
        ``voxels``, ``share`` (of the whole, 0 to 1), ``density`` (share over the
        share of voxels; above 1 is more than the average voxel), ``signed`` (sum).
    """
    named = np.isin(labels, [region.label for region in regions])
    parts: list[tuple[str, str | None, Mask]] = [
        (r.name, r.hemisphere, labels == r.label) for r in regions
    ]
    parts += [(ELSEWHERE, None, brain & ~named), (OUTSIDE, None, ~brain & ~named)]
    total = float(absolute.sum()) or 1.0
    rows = []
    for name, hemisphere, inside in parts:
        voxels = int(inside.sum())
        share = float(absolute[inside].sum()) / total
        rows.append(
            {
                "region": name,
                "hemisphere": hemisphere,
                "voxels": voxels,
                "share": share,
                "density": share * inside.size / voxels if voxels else 0.0,
                "signed": float(signed[inside].sum()),
            }
        )
    table = pd.DataFrame(rows)
    return table.sort_values("share", ascending=False, kind="stable", ignore_index=True)
