"""What stands out in an evaluation on another cohort, in sentences."""

from collections.abc import Iterator
from typing import Final

from crosswarp.prediction.recalibrate import BEFORE
from crosswarp.study.cohort_prediction import CohortPrediction
from crosswarp.study.external import External

FEW: Final = 20
"""Participants below which the numbers say little."""

LARGE: Final = 0.5
"""Standardised difference from which a shift is told."""

EXPECTED: Final = 0.05
"""Share of scans that lie far from the training scans without any shift."""


def flags_of(found: External, record: CohortPrediction) -> Iterator[str]:
    """Yield what a reader must know before the figures are used.

    Args:
        found: Evaluation, all but its flags.
        record: Record of the prediction.
    """
    yield from _of_scans(found, record)
    yield from _of_shift(found)
    yield from _of_calibration(found)


def _of_scans(found: External, record: CohortPrediction) -> Iterator[str]:
    present = [
        row.level
        for row in found.shift
        if row.variable == "diagnosis" and row.level and row.external
    ]
    if len(present) == 1:
        yield (
            f"the cohort has {present[0]} alone: AUC and calibration slope are not"
            " defined, and nothing is recalibrated"
        )
    if found.participants < FEW:
        yield (
            f"only {found.participants} participants: the intervals are too narrow to"
            " rely on"
        )
    lost = record.failed
    if lost:
        yield f"{lost} of {len(record.scans)} scans have no prediction"
    if record.same_names:
        yield (
            f"{record.same_names} participants have the name of one that the model was"
            " trained on, and were said to be other people"
        )
    point = found.operating_point
    if point is not None and point.divided:
        yield (
            f"the networks are divided on {point.divided} scans, which count as errors"
            " at the operating point"
        )


def _of_shift(found: External) -> Iterator[str]:
    if found.far is not None and found.far.low > EXPECTED:
        yield (
            f"{found.far.share:.0%} of the participants lie beyond 95 % of the training"
            " cohort's held-out scans for the networks; 5 % are expected"
        )
    large = [
        row
        for row in found.shift
        if row.difference is not None and abs(row.difference) >= LARGE
    ]
    if large:
        named = sorted({row.variable for row in large})
        yield (
            "the cohort differs from the training cohort by a standardised difference"
            f" of {LARGE} or more in {', '.join(named)}"
        )


def _of_calibration(found: External) -> Iterator[str]:
    for entry in found.calibration:
        slope = entry.slope
        if entry.stage != BEFORE or slope is None or slope.high is None:
            continue
        if slope.high < 1:
            yield (
                f"probabilities of {entry.name} are too extreme on this cohort: the"
                f" calibration slope is {slope.value:.2f}"
            )
