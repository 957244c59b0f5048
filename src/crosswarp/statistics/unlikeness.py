"""How far a scan lies from a group of scans, over several numbers at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from crosswarp.types.scores import Features, FeatureValues, Scores

FOLDS: Final = 20
"""Parts that are held out in turn; with fewer scans each is held out alone."""

FEWEST: Final = 5
"""Scans below which nothing is said of a group."""


@dataclass(frozen=True)
class Cloud:
    """Where a group of scans lies.

    Attributes:
        means: Mean of each number.
        sds: Standard deviation of each number, above 0.
        precision: Inverse of the shrunk covariance of the standardised numbers.
    """

    means: FeatureValues
    sds: FeatureValues
    precision: Features

    def distances(self, scans: Features) -> Scores:
        """Measure the Mahalanobis distance of scans, over the root of the numbers.

        Args:
            scans: One row a scan.

        Returns:
            About 1 for a scan of the group.
        """
        scaled = (scans - self.means) / self.sds
        squares = np.einsum("ij,jk,ik->i", scaled, self.precision, scaled)
        found: Scores = np.sqrt(np.maximum(squares, 0) / max(scaled.shape[1], 1))
        return found


def cloud_of(scans: Features) -> Cloud:
    """Describe a group of scans whose numbers all vary.

    Args:
        scans: One row a scan.

    References:
        Ledoit & Wolf (2004), A well-conditioned estimator for large-dimensional
        covariance matrices. Journal of Multivariate Analysis 88, 365-411.
    """
    # Only training describes a group: a prediction need not load scikit-learn.
    from sklearn.covariance import ledoit_wolf

    means, sds = scans.mean(axis=0), scans.std(axis=0, ddof=1)
    shrunk, _ = ledoit_wolf((scans - means) / sds)
    return Cloud(means, sds, np.linalg.inv(shrunk))


def held_out_distances(scans: Features) -> Scores:
    """Measure the distance of each scan from the others of its group.

    Args:
        scans: One row a scan; every number varies, without any one of them, too.
    """
    part = np.arange(len(scans)) % min(len(scans), FOLDS)
    found = np.empty(len(scans))
    for number in np.unique(part):
        left = part == number
        found[left] = cloud_of(scans[~left]).distances(scans[left])
    return found


def varying(scans: Features) -> list[int]:
    """List the numbers that are known of every scan and vary among them.

    A number counts that still varies when any part of `held_out_distances` is left
    out: more than a fifth of the scans differ from the commonest value.
    """
    kept = []
    for column in range(scans.shape[1]):
        values = scans[:, column]
        if not np.isfinite(values).all():
            continue
        _, counts = np.unique(values, return_counts=True)
        if counts.max() < 0.8 * len(values):
            kept.append(column)
    return kept


def percentile_in(
    value: float, quantiles: Sequence[float], percents: Sequence[float]
) -> float:
    """Find the percentile of a value in a distribution of which quantiles are known.

    Args:
        value: Value to place.
        quantiles: Quantiles, which do not fall.
        percents: Percentile of each quantile.

    Example:
        >>> percentile_in(3.0, [0.0, 2.0, 4.0], [0.0, 50.0, 100.0])
        75.0
    """
    return float(np.interp(value, quantiles, percents))
