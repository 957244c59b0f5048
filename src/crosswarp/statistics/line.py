"""Recalibration: probabilities made right on a part of a cohort, for the rest of it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, logit

from crosswarp.statistics.pooled import Pooled
from crosswarp.statistics.recalibration import recalibration_of
from crosswarp.statistics.temperature import fit_temperature, scale
from crosswarp.statistics.thresholds import ENOUGH, MINIMUM_A_CLASS
from crosswarp.types.scores import ClassIndex, Probabilities, Scores

LINE: Final = "intercept and slope of the log odds"
LARGE: Final = "intercept of the log odds, the slope held at 1"
TEMPERATURE: Final = "temperature"

_SMALLEST: Final = 1e-12


@dataclass(frozen=True)
class Recalibrator:
    """What turns probabilities into recalibrated ones.

    Attributes:
        method: `LINE`, `LARGE` or `TEMPERATURE`; None where it was not fitted.
        intercept: Added to the log odds, after the slope.
        slope: Factor of the log odds.
        temperature: Number that logits are divided by, with more than two classes.
        reason: Why it was not fitted, or not as a line; None where it was.
    """

    method: str | None = None
    intercept: float = 0.0
    slope: float = 1.0
    temperature: float = 1.0
    reason: str | None = None

    def apply(self, probabilities: Probabilities) -> Probabilities:
        """Return recalibrated probabilities; the same ones where it was not fitted."""
        if self.method is None:
            return probabilities
        if self.method == TEMPERATURE:
            return scale(probabilities, self.temperature)
        odds = logit(probabilities[:, 1].clip(_SMALLEST, 1 - _SMALLEST))
        positive = expit(self.intercept + self.slope * odds)
        recalibrated: Probabilities = np.column_stack([1 - positive, positive])
        return recalibrated


def fit_line(question: Pooled) -> Recalibrator:
    """Fit intercept and slope of the log odds of a probability, for two classes.

    Args:
        question: Scans of the part that is used for nothing else.

    Returns:
        The intercept alone where the classes are separated without error, or the slope
        is not above 0: a line that falls would turn the ranking round. Nothing where a
        class has fewer than `MINIMUM_A_CLASS` participants.

    References:
        Van Calster et al. (2019), Calibration: the Achilles heel of predictive
        analytics. BMC Medicine 17, 230.
    """
    shares, positive = question.shares, question.positive
    if min(shares[positive].sum(), shares[~positive].sum()) < ENOUGH:
        return Recalibrator(reason=_too_few())
    found = recalibration_of(question)
    slope, intercept, large = found.slope, found.intercept, found.in_the_large
    if slope is not None and intercept is not None and slope.value > 0:
        return Recalibrator(LINE, intercept.value, slope.value)
    why = (
        "the classes are separated without error, so that no slope fits"
        if slope is None
        else "the slope that fits is not above 0"
    )
    # With participants of both classes there always is one.
    assert large is not None
    return Recalibrator(LARGE, large.value, reason=why)


def fit_recalibration_temperature(
    truth: ClassIndex, probabilities: Probabilities, shares: Scores
) -> Recalibrator:
    """Fit a temperature, for more than two classes; arguments as `fit_temperature`."""
    found = fit_temperature(truth, probabilities, shares)
    if not found.is_fitted:
        return Recalibrator(reason=_too_few())
    return Recalibrator(TEMPERATURE, temperature=found.value)


def _too_few() -> str:
    return f"fewer than {MINIMUM_A_CLASS} participants of a class in that part"
