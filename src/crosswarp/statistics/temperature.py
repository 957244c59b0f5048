"""Temperature scaling: one number a network, fitted on validation scans, kept near 1.

On the validation scans of one fold alone the best temperature is mostly noise: 12 scans
of each class make a model worse that was right. So it is fitted on the validation scans
of all folds of a repeat together, and shrunk towards 1. `benchmarks/temperature.py`
measures both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from crosswarp.statistics.thresholds import ENOUGH
from crosswarp.types.scores import ClassIndex, Probabilities, Scores

PRIOR_SD: Final = 0.5
"""Standard deviation of the normal prior on log T, whose mean is 0.

Before any scan is seen, T lies in 0.38 to 2.7 with a probability of 95 %.
"""

LIMITS: Final = (0.1, 10.0)
"""Temperatures tried; the prior keeps the best one well inside."""

TOO_FEW: Final = "1, too few validation scans"
FITTED: Final = "fitted on validation, shrunk towards 1"

_SMALLEST = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True)
class Temperature:
    """What a network's logits are divided by before the softmax.

    Attributes:
        value: Above 1 where the network was too sure of itself.
        rule: `FITTED` or `TOO_FEW`.
        scans: Validation scans of the network's own fold.
        log_se: Standard error of the logarithm of ``value``; None when it was not
            fitted.
        fitted_on: Scans that it was fitted on, those of other folds included.
    """

    value: float
    rule: str
    scans: int
    log_se: float | None = None
    fitted_on: int = 0

    @property
    def is_fitted(self) -> bool:
        """Whether there were enough validation scans to fit it."""
        return self.rule.startswith("fitted")


NOT_FITTED = Temperature(1.0, TOO_FEW, 0)


def fit_temperature(
    truth: ClassIndex,
    probabilities: Probabilities,
    shares: Scores | None = None,
    own: int | None = None,
) -> Temperature:
    """Find the most probable temperature, given validation scans and the prior.

    That is the least sum of log losses plus ``log(T)**2 / (2 * PRIOR_SD**2)``.

    Args:
        truth: Diagnosis of each validation scan.
        probabilities: Of each, of all classes.
        shares: Weight of each scan, one over the scans of its participant; all 1 when
            None.
        own: Validation scans of the network's own fold; all when None.

    Returns:
        1 when a class has fewer than `thresholds.MINIMUM_A_CLASS` participants.

    References:
        Guo, Pleiss, Sun & Weinberger (2017), On calibration of modern neural
        networks. ICML, section 4.2.
    """
    weights = np.ones(len(truth)) if shares is None else shares
    scans = len(truth) if own is None else own
    counts = np.bincount(truth, weights, minlength=probabilities.shape[1])
    if counts.min() < ENOUGH:
        return Temperature(1.0, TOO_FEW, scans)

    def cost(log_temperature: float) -> float:
        scaled = scale(probabilities, float(np.exp(log_temperature)))
        given = scaled[np.arange(len(truth)), truth]
        losses = -np.log(given.clip(_SMALLEST))
        return float(weights @ losses + log_temperature**2 / (2 * PRIOR_SD**2))

    # Loaded late: a prediction only applies what training fitted.
    from scipy.optimize import minimize_scalar

    low, high = np.log(LIMITS)
    best = float(np.exp(minimize_scalar(cost, bounds=(low, high), method="bounded").x))
    error = _log_error(probabilities, weights, best)
    return Temperature(best, FITTED, scans, error, len(truth))


def combined(temperatures: Sequence[Temperature]) -> Temperature:
    """Find one temperature for networks of which each has its own.

    The networks' likelihoods of log T are taken as normal; they are multiplied, and
    the prior counts once.

    Args:
        temperatures: Of networks of one model, each fitted on its own fold.
    """
    scans = sum(temperature.scans for temperature in temperatures)
    known = [
        (np.log(t.value), 1 / t.log_se**2)
        for t in temperatures
        if t.is_fitted and t.log_se is not None
    ]
    if not known:
        return Temperature(1.0, TOO_FEW, scans)
    logs, precisions = np.array(known).T
    prior = 1 / PRIOR_SD**2
    total = float((precisions - prior).clip(min=0).sum() + prior)
    value = float(np.exp((logs * precisions).sum() / total))
    fitted_on = sum(temperature.fitted_on for temperature in temperatures)
    return Temperature(value, FITTED, scans, total**-0.5, fitted_on)


def scale(probabilities: Probabilities, temperature: float) -> Probabilities:
    """Divide the logits of probabilities by a temperature.

    Example:
        >>> scale(np.array([[0.2, 0.8]]), 2.0).round(3)
        array([[0.333, 0.667]])
    """
    logits = np.log(probabilities.clip(_SMALLEST)) / temperature
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    scaled: Probabilities = odds / odds.sum(axis=1, keepdims=True)
    return scaled


def _log_error(
    probabilities: Probabilities, weights: Scores, temperature: float
) -> float:
    """Return the standard error of log T: expected information and the prior's."""
    scaled = scale(probabilities, temperature)
    logits = np.log(probabilities.clip(_SMALLEST)) / temperature
    mean = (scaled * logits).sum(axis=1, keepdims=True)
    variance = (scaled * (logits - mean) ** 2).sum(axis=1)
    return float((weights @ variance + 1 / PRIOR_SD**2) ** -0.5)
