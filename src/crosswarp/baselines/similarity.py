"""Similarity of scans in all their features: all that these models need of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np

from crosswarp.errors import InputError
from crosswarp.types.scores import (
    AskedSimilarity,
    AskIndex,
    FeatureBlock,
    Features,
    FitIndex,
    Similarity,
)

CONSTANT: Final = 1e-12
"""Share of the mean square below which a variance is a rounding error."""


@dataclass(frozen=True)
class Kernel:
    """Inner products of features, centred and scaled by the scans to fit on.

    The scans to fit on have a mean squared length of 1, so that a penalty means the
    same for any map, any resolution and any number of features.

    Attributes:
        known: Products of the scans to fit on with each other.
        asked: Of the scans to ask about (rows) with those.
    """

    known: Similarity
    asked: AskedSimilarity


@runtime_checkable
class View(Protocol):
    """Features of all scans of a study, seen in one way."""

    def kernel(self, fit: FitIndex, ask: AskIndex) -> Kernel:
        """Compare scans.

        Args:
            fit: Rows of the scans to fit on; mean and scale are theirs alone.
            ask: Rows of the scans to ask about.

        Raises:
            InputError: If there are fewer than two scans to fit on, or all are alike.
        """


@dataclass(frozen=True)
class MapProducts:
    """Maps by the inner products of scans: voxels centred, one scale for each map.

    Voxels are *not* divided by their own standard deviations: over some thirty scans
    these are mostly noise, and they are largest where the disease acts. With products
    that are not centred, centring on any scans is exact: the products with their mean
    are means of products.

    Attributes:
        products: Products of all scans, for each map; not centred.
    """

    products: Sequence[Similarity]

    def kernel(self, fit: FitIndex, ask: AskIndex) -> Kernel:
        """Average the maps, each with a mean squared length of 1."""
        _check_enough(fit)
        parts = [_centred(whole, fit, ask) for whole in self.products]
        return _averaged([part for part in parts if part is not None])


@dataclass(frozen=True)
class MeasuredRegions:
    """A few features of their own spread: each is standardised by the scans to fit on.

    Attributes:
        features: One row a scan. Constant features are left out.
    """

    features: Features

    def kernel(self, fit: FitIndex, ask: AskIndex) -> Kernel:
        """Multiply standardised features."""
        _check_enough(fit)
        known = self.features[fit]
        mean, deviation = known.mean(axis=0), known.std(axis=0)
        varies = deviation**2 > CONSTANT * max(float((known**2).mean()), CONSTANT)
        scaled = (self.features[:, varies] - mean[varies]) / deviation[varies]
        part = _centred(scaled @ scaled.T, fit, ask)
        return _averaged([] if part is None else [part])


def products(blocks: Iterable[FeatureBlock]) -> Similarity:
    """Multiply every scan's features with every other's, and sum.

    Args:
        blocks: Features of all scans, block by block: millions of voxels need the
            memory of one block.

    Returns:
        Not centred, in the squared unit of the features.
    """
    total: Similarity = np.float64(0) + sum(block @ block.T for block in blocks)
    return total


def _centred(whole: Similarity, fit: FitIndex, ask: AskIndex) -> Kernel | None:
    """Move the origin to the mean of some scans and scale; None where all are alike."""
    known, asked = whole[np.ix_(fit, fit)], whole[np.ix_(ask, fit)]
    with_mean, grand = known.mean(axis=0), known.mean()
    centred = known - with_mean - with_mean[:, None] + grand
    size = np.trace(centred) / len(fit)
    if size <= CONSTANT * np.trace(known) / len(fit):
        return None
    moved = asked - with_mean - asked.mean(axis=1, keepdims=True) + grand
    return Kernel(centred / size, moved / size)


def _check_enough(fit: FitIndex) -> None:
    if len(fit) < 2:
        msg = f"a baseline needs two training scans or more, got {len(fit)}"
        raise InputError(msg)


def _averaged(parts: Sequence[Kernel]) -> Kernel:
    if not parts:
        msg = "no feature differs between the training scans; look at the maps"
        raise InputError(msg)
    known = np.mean([part.known for part in parts], axis=0)
    return Kernel(known, np.mean([part.asked for part in parts], axis=0))
