"""Numbers that say whether the maps of a scan can be trusted, and what they say."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from crosswarp.errors import QualityError
from crosswarp.preprocessing.limits import Limits, QualityLimits
from crosswarp.types.arrays import Mask, ScalarMap, SpatialMap

DECIMALS: Final = 5
"""Kept of every number, in the ledger and in sidecars."""


class Verdict(StrEnum):
    """What a number says of a scan, from best to worst."""

    OK = "ok"
    CHECK = "check"
    FAILED = "failed"


VERDICTS: Final = tuple(Verdict)

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "brain_volume_cm3": (
        "the brain mask has {value:.0f} cm3",
        "is this a whole T1w head?",
    ),
    "brain_at_edge_cm2": (
        "the brain lies against the edge of the image over {value:.0f} cm2",
        "is a part of the head cut off?",
    ),
    "intracranial_volume_cm3": (
        "the volume inside the skull is {value:.0f} cm3",
        "is the whole head in the image?",
    ),
    "overlap": (
        "after the affine the brain overlaps the template's by {value:.3f}",
        "is this a whole T1w head?",
    ),
    "similarity": (
        "after registration the correlation with the template is {value:.3f}",
        "is this a T1w image?",
    ),
    "folded": (
        "the deformation folds in {value:.2%} of the brain",
        "raise the regularisation of the registration",
    ),
    "log_jacobian_sd": (
        "the log-Jacobian has a standard deviation of {value:.3f}",
        "look whether the registration worked",
    ),
    "log_jacobian_least": (
        "the log-Jacobian goes down to {value:.2f}",
        "look whether the registration worked",
    ),
    "log_jacobian_greatest": (
        "the log-Jacobian goes up to {value:.2f}",
        "look whether the registration worked",
    ),
}
"""What is said of each number outside its limits, and what to think of."""


@dataclass(frozen=True)
class Quality:
    """What is recorded of every scan; not a number where it was not reached.

    Attributes:
        brain_volume_cm3: Of the brain mask, in the scan.
        brain_at_edge_cm2: Area over which the brain lies against one face of the
            image, the largest of the six.
        intracranial_volume_cm3: Volume inside the skull, the size of the head; not
            known of a stripped scan.
        overlap: Dice coefficient of the brain masks after the affine.
        similarity: Correlation with the template in its brain, after the
            whole registration.
        folded: Fraction of brain voxels where the deformation folds.
        log_jacobian_sd: Spread of the log-Jacobian in the brain.
        log_jacobian_least: Its 0.1th percentile in the brain.
        log_jacobian_greatest: Its 99.9th percentile in the brain.
    """

    brain_volume_cm3: float
    brain_at_edge_cm2: float
    intracranial_volume_cm3: float = math.nan
    overlap: float = math.nan
    similarity: float = math.nan
    folded: float = math.nan
    log_jacobian_sd: float = math.nan
    log_jacobian_least: float = math.nan
    log_jacobian_greatest: float = math.nan

    def as_row(self) -> dict[str, float]:
        """Return the numbers that there are, rounded as the ledger shows them."""
        return {
            name: round(value, DECIMALS)
            for name, value in asdict(self).items()
            if math.isfinite(value)
        }


@dataclass(frozen=True)
class Judgement:
    """One number, its limits, and what follows.

    Attributes:
        name: As in the ledger.
        value: Value of the number.
        limits: Where it is fine, and where used.
        verdict: What it says.
    """

    name: str
    value: float
    limits: Limits
    verdict: Verdict

    @property
    def severity(self) -> float:
        """How far outside the fine range, in units of the way to the used range's end.

        Negative inside the fine range, 1 where a scan begins to be refused. A number
        without anything between the two does not say how near a good scan is.
        """
        if self.limits.fine == self.limits.used and self.verdict is Verdict.OK:
            return -math.inf
        ends = zip(self.limits.fine, self.limits.used, (-1, 1), strict=True)
        return max(
            sign * (self.value - fine) / (abs(fine - (used or 0.0)) or 1.0)
            for fine, used, sign in ends
            if fine is not None
        )

    @property
    def sentence(self) -> str:
        """Say what was found, what was expected and what to think of."""
        found, advice = SENTENCES[self.name]
        wanted = (
            self.limits.used if self.verdict is Verdict.FAILED else self.limits.fine
        )
        return (
            f"{found.format(value=self.value)}; expected {range_text(wanted)}; {advice}"
        )

    def as_json(self) -> dict[str, Any]:
        """Return what the sidecar holds."""
        return {
            "Value": self.value,
            "Verdict": self.verdict.value,
            "Fine": list(self.limits.fine),
            "Used": list(self.limits.used),
        }


def judge(numbers: Mapping[str, float], limits: QualityLimits) -> list[Judgement]:
    """Hold numbers against their limits.

    Args:
        numbers: As `Quality.as_row` gives them.
        limits: Limits of each number.
    """
    return [
        Judgement(name, value, limits.of(name), verdict_of(value, limits.of(name)))
        for name, value in numbers.items()
    ]


def verdict_of(value: float, limits: Limits) -> Verdict:
    """Say what one number says."""
    if not _inside(value, limits.used):
        return Verdict.FAILED
    return Verdict.OK if _inside(value, limits.fine) else Verdict.CHECK


def worst(judgements: list[Judgement]) -> Verdict:
    """Return the verdict of a scan: that of its worst number."""
    return max(
        (judgement.verdict for judgement in judgements),
        key=VERDICTS.index,
        default=Verdict.OK,
    )


STAND_IN: Final = (
    "the brain mask is the template's, for none was found; look whether it fits"
)


def summary(judgements: list[Judgement], stands_in: bool) -> tuple[Verdict, str]:
    """Say what a scan with maps needs, and why, on one line.

    Args:
        judgements: Of its numbers.
        stands_in: The template's brain mask stands in for one that was not found. It
            always has a brain's size and place, so the numbers say less.
    """
    reason = sentences(judgements, Verdict.CHECK)
    if not stands_in:
        return worst(judgements), reason
    verdict = max(worst(judgements), Verdict.CHECK, key=VERDICTS.index)
    return verdict, "; ".join(filter(None, (STAND_IN, reason)))


def sentences(judgements: list[Judgement], verdict: Verdict) -> str:
    """Join what is said of all numbers with a verdict, on one line."""
    return "; ".join(j.sentence for j in judgements if j.verdict is verdict)


def check_quality(quality: Quality, limits: QualityLimits) -> None:
    """Refuse a scan with a number outside what can be used.

    Raises:
        QualityError: Naming every such number with its limits.
    """
    numbers = quality.as_row()
    if reason := sentences(judge(numbers, limits), Verdict.FAILED):
        raise QualityError(reason, numbers)


def _inside(value: float, ends: tuple[float | None, float | None]) -> bool:
    least, greatest = ends
    return (least is None or value >= least) and (greatest is None or value <= greatest)


def range_text(ends: tuple[float | None, float | None]) -> str:
    """Write a range as a person would.

    Example:
        >>> range_text((None, 2.0)), range_text((0.5, 2.0))
        ('at most 2', '0.5 to 2')
    """
    least, greatest = ends
    if least is None:
        return "without limit" if greatest is None else f"at most {greatest:g}"
    return f"at least {least:g}" if greatest is None else f"{least:g} to {greatest:g}"


def brain_volume_cm3(scan: SpatialMap, brain: Mask) -> float:
    """Volume of a mask, in cubic centimetres."""
    return float(brain.sum() * abs(np.linalg.det(scan.affine[:3, :3])) / 1000)


def brain_at_edge_cm2(scan: SpatialMap, brain: Mask, *, padded: bool = True) -> float:
    """Area over which the brain lies against a face of the image, the largest of six.

    Args:
        scan: Whose outermost planes without any structure are no part of the image,
            so that a head that was cut and filled up with zeros is found too.
        brain: On the scan's grid.
        padded: Look for such planes. Not in a stripped scan, where all around the
            brain is empty.
    """
    areas = []
    for axis in range(3):
        first, last = _ends(scan.values, axis) if padded else (0, -1)
        area = abs(np.linalg.det(scan.affine[:3, :3])) / scan.spacing[axis] / 100
        areas += [brain.take(plane, axis).sum() * area for plane in (first, last)]
    return float(max(areas))


def _ends(values: ScalarMap, axis: int) -> tuple[int, int]:
    """First and last plane across an axis that is not one value throughout."""
    others = tuple(a for a in range(3) if a != axis)
    varied = np.flatnonzero(values.max(axis=others) > values.min(axis=others))
    return (int(varied[0]), int(varied[-1])) if len(varied) else (0, -1)


def overlap(one: Mask, other: Mask) -> float:
    """Dice coefficient of two masks."""
    return float(2 * (one & other).sum() / max(one.sum() + other.sum(), 1))


def similarity(one: ScalarMap, other: ScalarMap, within: Mask) -> float:
    """Correlation of two maps inside a mask; 0 when one is constant there."""
    a, b = one[within], other[within]
    if a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
