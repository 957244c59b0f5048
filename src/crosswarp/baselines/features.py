"""From maps to features: brain voxels, block by block, or numbers of regions."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import numpy as np

from crosswarp.errors import ShapeError
from crosswarp.types.arrays import LabelMap, Mask, StoredMaps
from crosswarp.types.scores import FeatureBlock, Features

VOXELS: Final = 20_000
"""Of a block: with a thousand scans 160 MB."""


def voxel_blocks(
    maps: Sequence[StoredMaps], brain: Mask, *, voxels: int = VOXELS
) -> Iterator[FeatureBlock]:
    """Go through the brain voxels of all scans, one map after the other.

    Args:
        maps: Of all scans, on the grid of the mask.
        brain: Voxels to take.
        voxels: Of a block.

    Yields:
        One row a scan.

    Raises:
        ShapeError: If the mask is empty.
    """
    places = np.flatnonzero(brain)
    if not len(places):
        msg = "the brain mask is empty; run crosswarp preprocess again"
        raise ShapeError(msg)
    for stored in maps:
        flat = stored.reshape(len(stored), -1)
        for start in range(0, len(places), voxels):
            block: FeatureBlock = flat[:, places[start : start + voxels]].astype(
                np.float64
            )
            yield block


def regional_volumes(
    jsm: StoredMaps, labels: LabelMap, regions: Sequence[Collection[int]]
) -> Features:
    """Measure how large each region is, after the head's own size was taken out.

    The Jacobian determinant is the local ratio of volumes, so its mean over a region
    of the template is the participant's volume of it over the template's.

    Args:
        jsm: Log-Jacobian maps of all scans.
        labels: Atlas on their grid.
        regions: Labels of each region to measure; several are measured as one. Those
            without a voxel are left out.

    Returns:
        Logarithm of the ratio, one row a scan, one column a region.

    Raises:
        ShapeError: If none of the regions has a voxel.
    """
    flat = jsm.reshape(len(jsm), -1)
    columns = [
        np.log(np.exp(flat[:, places].astype(np.float64)).mean(axis=1))
        for places in _places(labels, regions)
    ]
    measured: Features = np.stack(columns, axis=1)
    return measured


def regional_means(
    t1w: StoredMaps, labels: LabelMap, regions: Sequence[Collection[int]]
) -> Features:
    """Measure how bright each region is.

    Args:
        t1w: T1w maps of all scans, on the grid of the atlas.
        labels: Atlas on their grid.
        regions: As for `regional_volumes`.

    Returns:
        Mean intensity, one row a scan, one column a region.

    Raises:
        ShapeError: If none of the regions has a voxel.
    """
    flat = t1w.reshape(len(t1w), -1)
    columns = [
        flat[:, places].astype(np.float64).mean(axis=1)
        for places in _places(labels, regions)
    ]
    measured: Features = np.stack(columns, axis=1)
    return measured


def _places(labels: LabelMap, regions: Sequence[Collection[int]]) -> list[np.ndarray]:
    there = [np.flatnonzero(np.isin(labels, list(region))) for region in regions]
    there = [places for places in there if len(places)]
    if not there:
        msg = f"none of the {len(regions)} regions has a voxel on this grid"
        raise ShapeError(msg)
    return there
