"""How alike scans are in all their features: all that a linear model needs of them."""

from collections.abc import Iterable

import numpy as np

from crosswarp.errors import InputError
from crosswarp.types.scores import Chosen, FeatureBlock, Similarity


def similarity(blocks: Iterable[FeatureBlock], trained: Chosen) -> Similarity:
    """Multiply every scan's standardised features with every other's.

    A linear model with a penalty on the squares of its weights depends on the features
    through these products alone, so that millions of voxels need the memory of one
    block.

    Args:
        blocks: Features of all scans, block by block.
        trained: Scans of the training part: by their mean and SD alone features are
            standardised. A feature that is the same in all of them is left out.

    Returns:
        Mean product over features.

    Raises:
        InputError: If there are fewer than two training scans, or no feature varies.
    """
    if trained.sum() < 2:
        msg = f"a baseline needs two training scans or more, got {int(trained.sum())}"
        raise InputError(msg)
    total = np.zeros((len(trained), len(trained)))
    features = 0
    for block in blocks:
        mean, deviation = block[trained].mean(axis=0), block[trained].std(axis=0)
        varies = deviation > 1e-6 * max(float(np.abs(block[trained]).max()), 1e-12)
        standardised = (block[:, varies] - mean[varies]) / deviation[varies]
        total += standardised @ standardised.T
        features += int(varies.sum())
    if features == 0:
        msg = "no feature differs between the training scans; look at the maps"
        raise InputError(msg)
    products: Similarity = total / features
    return products
