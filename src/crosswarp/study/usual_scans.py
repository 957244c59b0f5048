"""What the scans of a training cohort are like, so that a scan that is not is told."""

from typing import Final

from pydantic import Field

from crosswarp.study.part import Part

PERCENTS: Final = (*(float(percent) for percent in range(0, 100, 5)), 97.5, 99.0, 100.0)
"""Percentiles of the distances that a bundle keeps."""

ENOUGH: Final = 20
"""Scans from which a percentile is worth its name, and a number may be refused."""


class UsualScans(Part):
    """Numbers of the training scans: of the quality control and of the T1w image.

    Attributes:
        scans: Number of participants, each with their first scan.
        names: Numbers that are known of all of them and vary.
        means: Mean of each number.
        sds: Standard deviation of each.
        precision: Inverse of the shrunk covariance of the standardised numbers.
        distances: Of scans from the others, at each of `PERCENTS`: each scan from
            those of the training cohort without it.
    """

    scans: int
    names: tuple[str, ...]
    means: tuple[float, ...]
    sds: tuple[float, ...]
    precision: tuple[tuple[float, ...], ...]
    distances: tuple[float, ...] = Field(min_length=len(PERCENTS))
