"""Numbers that say whether the maps of a scan can be trusted, and their limits."""

from dataclasses import asdict, dataclass

import numpy as np

from crosswarp.derivatives.settings import QualityLimits
from crosswarp.errors import ScanError
from crosswarp.types.arrays import Mask, ScalarMap, SpatialMap


@dataclass(frozen=True)
class Quality:
    """What is recorded of every scan.

    Attributes:
        brain_volume_cm3: Of the brain mask, in the scan.
        overlap: Dice coefficient of the brain masks after the affine.
        similarity: Correlation with the template in its brain, after the
            whole registration.
        folded: Fraction of brain voxels where the deformation folds.
        log_jacobian_sd: Spread of the log-Jacobian in the brain.
        log_jacobian_least: Its 0.1th percentile in the brain.
        log_jacobian_greatest: Its 99.9th percentile in the brain.
    """

    brain_volume_cm3: float
    overlap: float
    similarity: float
    folded: float
    log_jacobian_sd: float
    log_jacobian_least: float
    log_jacobian_greatest: float

    def as_row(self) -> dict[str, float]:
        """Return the numbers, rounded as the ledger shows them."""
        return {name: round(value, 5) for name, value in asdict(self).items()}


def brain_volume_cm3(scan: SpatialMap, brain: Mask) -> float:
    """Volume of a mask, in cubic centimetres."""
    return float(brain.sum() * abs(np.linalg.det(scan.affine[:3, :3])) / 1000)


def check_brain_volume(volume_cm3: float, limits: QualityLimits) -> None:
    """Refuse a mask that no adult brain fills.

    Raises:
        ScanError: If the volume lies outside the limits.
    """
    least, greatest = limits.brain_volume_cm3
    if not least <= volume_cm3 <= greatest:
        msg = (
            f"the brain mask has {volume_cm3:.0f} cm3; expected {least:g} to"
            f" {greatest:g}; is this a whole T1w head?"
        )
        raise ScanError(msg)


def check_registration(quality: Quality, limits: QualityLimits) -> None:
    """Refuse a scan that does not lie on the template.

    Raises:
        ScanError: If overlap or similarity are below their limits.
    """
    if quality.overlap < limits.least_overlap:
        msg = (
            f"after the affine the brain overlaps the template's by"
            f" {quality.overlap:.3f}; expected at least {limits.least_overlap:g};"
            " is this a whole T1w head?"
        )
        raise ScanError(msg)
    if quality.similarity < limits.least_similarity:
        msg = (
            f"after registration the correlation with the template is"
            f" {quality.similarity:.3f}; expected at least"
            f" {limits.least_similarity:g}; is this a T1w image?"
        )
        raise ScanError(msg)


def overlap(one: Mask, other: Mask) -> float:
    """Dice coefficient of two masks."""
    return float(2 * (one & other).sum() / max(one.sum() + other.sum(), 1))


def similarity(one: ScalarMap, other: ScalarMap, within: Mask) -> float:
    """Correlation of two maps inside a mask; 0 when one is constant there."""
    a, b = one[within], other[within]
    if a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
