"""Changes of regions as numbers that people read: per cent, a year, intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.95
"""Coverage of the intervals."""


@dataclass(frozen=True)
class Spread:
    """What the estimate finds in pairs without change.

    Attributes:
        sd: Of the log change, for each region.
        freedom: Degrees of freedom of that SD.
    """

    sd: np.ndarray
    freedom: int

    @property
    def half_width(self) -> np.ndarray:
        """Half of the width of each region's interval, as a log change."""
        return np.asarray(stats.t.ppf(0.5 + LEVEL / 2, self.freedom) * self.sd)


def spread_of(nulls: np.ndarray, partners: Sequence[int]) -> Spread:
    """Take the SD of each region, with that of the other side, from a few pairs.

    Args:
        nulls: Log changes: a row a pair, a column a region.
        partners: For each region, the column of the same structure on the other side.
    """
    squares = np.nanmean(nulls**2, axis=0)
    both = (squares + squares[list(partners)]) / 2
    return Spread(np.sqrt(both), 2 * len(nulls))


def percent(log_change: np.ndarray | float) -> np.ndarray:
    """Turn a log change into per cent of the mean of both volumes.

    Symmetrised: its sign alone turns when the scans are turned round.

    References:
        Reuter et al. (2012), Within-subject template estimation for unbiased
        longitudinal image analysis. NeuroImage 61(4), 1402-1418.

    Example:
        >>> float(percent(0.0))
        0.0
        >>> bool(percent(-0.05) == -percent(0.05))
        True
    """
    return np.asarray(200 * np.tanh(np.asarray(log_change) / 2))


def slope_a_year(years: Sequence[float], log_changes: np.ndarray) -> np.ndarray:
    """Fit a line to the log volumes of several visits; per cent a year.

    Args:
        years: Time of each visit since the first, which comes first.
        log_changes: Log volume over that of the first visit: a row a visit, the first
            row of zeros, and a column a region.
    """
    times = np.asarray(years) - np.mean(years)
    slopes = times @ (log_changes - log_changes.mean(axis=0)) / (times @ times)
    return percent(slopes)
