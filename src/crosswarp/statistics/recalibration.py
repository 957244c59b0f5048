"""Calibration slope and intercept: which line turns log odds into right ones?"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, log_expit, logit
from scipy.stats import norm

from crosswarp.statistics.intervals import LEVEL, Estimate
from crosswarp.statistics.pooled import Pooled
from crosswarp.types.scores import Features, Scores

STEPS: Final = 100
"""Newton steps at most; a handful is usual."""

_SMALLEST: Final = 1e-12
"""Probabilities are kept this far from 0 and 1."""

_CONVERGED: Final = 1e-10

_SAME: Final = 1e-6
"""Log odds are one where they differ by no more, as a share of the largest.

One probability for everybody can differ in its last digits, by which no line can be
drawn; whether the attempt fails depends on the processor.
"""


@dataclass(frozen=True)
class Recalibration:
    """Logistic recalibration of one class's probabilities; None where undefined.

    Attributes:
        slope: Of the regression of the diagnosis on the log odds: 1 where they are
            right, below 1 where the model is too sure of itself, above 1 where it is
            not sure enough.
        intercept: Of the same regression; 0 where the log odds are right.
        in_the_large: Intercept with the slope held at 1: above 0 where the class is
            more common than predicted.
    """

    slope: Estimate | None
    intercept: Estimate | None
    in_the_large: Estimate | None


def recalibration_of(question: Pooled) -> Recalibration:
    """Regress the diagnosis on the log odds of the predicted probability.

    Every participant counts once. Intervals are Wald's with a sandwich variance
    clustered by participant, so scans and repeats of one are not taken as independent.

    Returns:
        No slope where the diagnoses are separated without error, or no two log odds
        differ; nothing where there is only one diagnosis.

    References:
        Cox (1958), Two further applications of a model for binary regression.
        Biometrika 45, 562-565.
        Van Calster et al. (2019), Calibration: the Achilles heel of predictive
        analytics. BMC Medicine 17, 230.
    """
    if len(np.unique(question.positive)) < 2:
        return Recalibration(None, None, None)
    odds = logit(question.probability.clip(_SMALLEST, 1 - _SMALLEST))
    one = np.ones((len(odds), 1))
    (large,) = _fit(one, odds, question)
    if _is_separated(odds, question):
        return Recalibration(None, None, large)
    intercept, slope = _fit(np.column_stack([one, odds]), np.zeros_like(odds), question)
    return Recalibration(slope, intercept, large)


def _is_separated(odds: Scores, question: Pooled) -> bool:
    """Whether the best slope would be infinite, or there is none."""
    up, down = odds[question.positive], odds[~question.positive]
    least = _SAME * max(1.0, float(np.abs(odds).max()))
    return bool(
        up.min() >= down.max() or up.max() <= down.min() or np.ptp(odds) <= least
    )


def _fit(features: Features, offset: Scores, question: Pooled) -> list[Estimate]:
    """Fit a logistic regression by Newton's method, with clustered intervals."""
    truth = question.positive.astype(float)
    scale = np.abs(features).max(axis=0)
    design = features / scale
    point = np.zeros(design.shape[1])
    loss = _loss(design @ point + offset, question)
    for _ in range(STEPS):
        predicted = expit(design @ point + offset)
        gradient = design.T @ (question.shares * (truth - predicted))
        step = np.linalg.solve(_information(design, predicted, question), gradient)
        while (tried := _loss(design @ (point + step) + offset, question)) > loss:
            step /= 2
            if np.abs(step).max() < _CONVERGED:
                break
        point, loss = point + step, min(loss, tried)
        if np.abs(step).max() < _CONVERGED:
            break
    errors = _clustered_errors(design, expit(design @ point + offset), question)
    reach = float(norm.ppf((1 + LEVEL) / 2)) * errors
    return [
        Estimate(float(value), float(value - half), float(value + half))
        for value, half in zip(point / scale, reach / scale, strict=True)
    ]


def _loss(odds: Scores, question: Pooled) -> float:
    signed = np.where(question.positive, odds, -odds)
    return float(-(question.shares @ log_expit(signed)))


def _information(design: Features, predicted: Scores, question: Pooled) -> np.ndarray:
    weights = question.shares * predicted * (1 - predicted)
    information: np.ndarray = (design * weights[:, None]).T @ design
    return information


def _clustered_errors(
    design: Features, predicted: Scores, question: Pooled
) -> np.ndarray:
    residual = question.shares * (question.positive - predicted)
    people, index = np.unique(question.participants, return_inverse=True)
    sums = np.zeros((len(people), design.shape[1]))
    np.add.at(sums, index, design * residual[:, None])
    middle = sums.T @ sums * len(people) / max(len(people) - 1, 1)
    bread = np.linalg.inv(_information(design, predicted, question))
    errors: np.ndarray = np.sqrt(np.diag(bread @ middle @ bread))
    return errors
