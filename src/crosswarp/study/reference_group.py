"""Volumes of regions in the cognitively normal participants of a training cohort.

A bundle keeps sums over the group: a scan's volumes are shown as deviations from what
the group's regression on age, sex and head size expects. Nobody's numbers are kept.
"""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from pydantic import Field

from crosswarp.statistics.norms import Moments
from crosswarp.study.part import Part

AGE: Final = "age_years"
SEX: Final = "male"
HEAD_SIZE: Final = "log_intracranial_volume"
COVARIATES: Final = (AGE, SEX, HEAD_SIZE)
"""Age in years; 1 for men, 0 for women; logarithm of the skull's volume in cm3."""

FEWEST: Final = 10
"""Cognitively normal participants below whom no reference group is kept."""


class RegionSums(Part):
    """Volume of one region in the group: sums, after the means were taken off.

    Attributes:
        region: Name of the structure.
        hemisphere: ``left`` or ``right``.
        mean: Mean logarithm of the region's volume over the template's.
        products: Sums of its products with each covariate.
        squares: Sum of its squares.
    """

    region: str
    hemisphere: str
    mean: float
    products: tuple[float, ...]
    squares: float


class ReferenceGroup(Part):
    """Volumes of regions in the reference group of a network.

    Attributes:
        diagnosis: Class of the group.
        participants: Number of people in the group, each with their first scan.
        covariates: Names of the covariates that are known, of `COVARIATES`.
        means: Mean of each covariate.
        products: Sums of products of each two covariates, their means taken off.
        regions: One entry a structure and side.
        reason: Why there is none; empty where there is one.
    """

    diagnosis: str = "CN"
    participants: int = 0
    covariates: tuple[str, ...] = ()
    means: tuple[float, ...] = ()
    products: tuple[tuple[float, ...], ...] = ()
    regions: tuple[RegionSums, ...] = Field(default=())
    reason: str = ""

    def moments(self, region: RegionSums) -> Moments:
        """Return the sums of one region with the covariates."""
        width = len(self.covariates)
        return Moments(
            self.participants,
            np.array(self.means, dtype=float),
            np.array(self.products, dtype=float).reshape(width, width),
            region.mean,
            np.array(region.products, dtype=float),
            region.squares,
        )


def covariates_of(
    age_years: float | None, sex: str | None, quality: Mapping[str, float]
) -> list[float]:
    """Put what is known of a participant into the order of `COVARIATES`.

    Args:
        age_years: Age at the scan in years.
        sex: ``F``, ``M`` or another code.
        quality: Numbers of the quality control of the scan, by name.

    Returns:
        Not a number for what is not known.

    Example:
        >>> covariates_of(70.0, "F", {"intracranial_volume_cm3": 1000.0})
        [70.0, 0.0, 6.907755278982137]
    """
    volume = quality.get("intracranial_volume_cm3", math.nan)
    return [
        math.nan if age_years is None else age_years,
        {"F": 0.0, "M": 1.0}.get(sex or "", math.nan),
        math.log(volume) if volume > 0 else math.nan,
    ]
