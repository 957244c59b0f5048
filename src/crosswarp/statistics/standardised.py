"""Standardised differences between two groups: how far apart, whatever the unit."""

import math
from typing import Final

ROUNDING: Final = 1e-12
"""Spread of numbers that are all alike, but for rounding."""


def of_means(
    one: float, other: float, one_sd: float | None, other_sd: float | None
) -> float | None:
    """Standardise the difference of two means by the mean of their variances.

    Args:
        one: Mean of the group that the difference is taken of.
        other: Mean of the group that is subtracted.
        one_sd: Standard deviation of the first group.
        other_sd: Standard deviation of the other group.

    Returns:
        None where a standard deviation is not known, or both are 0.

    References:
        Austin (2009), Balance diagnostics for comparing the distribution of baseline
        covariates between treatment groups. Statistics in Medicine 28, 3083-3107.

    Example:
        >>> of_means(75.0, 70.0, 5.0, 5.0)
        1.0
    """
    if one_sd is None or other_sd is None:
        return None
    spread = math.sqrt((one_sd**2 + other_sd**2) / 2)
    return (one - other) / spread if spread > ROUNDING else None


def of_shares(one: float, other: float) -> float | None:
    """Standardise the difference of two shares, each from 0 to 1; see `of_means`.

    Returns:
        None where both groups are all alike.

    Example:
        >>> round(of_shares(0.6, 0.5), 3)
        0.202
    """
    spreads = (math.sqrt(share * (1 - share)) for share in (one, other))
    return of_means(one, other, *spreads)
