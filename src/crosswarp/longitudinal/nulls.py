"""Pairs without change that are as noisy as a real pair: how wide its intervals are."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.longitudinal.change import Change, change_between
from crosswarp.longitudinal.midspace import Midspace
from crosswarp.longitudinal.pairs import Visit
from crosswarp.longitudinal.settings import LongitudinalSettings
from crosswarp.longitudinal.template import midpoint
from crosswarp.types.arrays import Mask, SpatialMap

PATCH: Final = 3.0
"""SD, in mm, of the Gaussian that makes the random weights smooth: residuals within a
few millimetres keep their signs to each other."""


def null_changes(
    images: tuple[SpatialMap, SpatialMap],
    brain: Mask,
    change: Change,
    settings: LongitudinalSettings,
) -> Iterator[Change]:
    """Estimate the change of pairs in which nothing changed.

    Both scans, brought together, differ by noise and by what the fit left. Each pair is
    their mean, with that difference times smooth random weights of variance 1 added to
    the one and taken from the other: the dependent wild bootstrap. What the estimate
    finds in it is its noise.

    Args:
        images: Both scans halfway, as `crosswarp.longitudinal.template` makes them.
        brain: On the same grid.
        change: What was found between the scans.
        settings: Settings with number and seed of the pairs.

    References:
        Shao (2010), The dependent wild bootstrap. Journal of the American Statistical
        Association 105(489), 218-235.
    """
    mean = midpoint(*images)
    difference = (images[1].values - images[0].values) / np.float32(2)
    rng = np.random.default_rng(settings.seed)
    space = change.midspace
    still = Midspace((np.eye(4), np.eye(4)), space.grid, space.brain, 1.0)
    for _ in range(settings.nulls):
        weights = ndimage.gaussian_filter(
            rng.standard_normal(mean.extent, dtype=np.float32), PATCH
        )
        part = difference * (weights / weights.std())
        pair = [
            Visit(SpatialMap(values, mean.affine), brain, np.eye(4))
            for values in (mean.values - part, mean.values + part)
        ]
        yield change_between(pair[0], pair[1], settings, still)
