"""Temperature scaling: one number a network, fitted on its validation scans."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from crosswarp.evaluation.thresholds import MINIMUM_A_CLASS
from crosswarp.types.scores import ClassIndex, Probabilities

LIMITS = (0.1, 10.0)
"""Temperatures tried. Without limits, scans told apart without error give 0."""

_SMALLEST = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True)
class Temperature:
    """What a network's logits are divided by before the softmax.

    Attributes:
        value: Above 1 where the network was too sure of itself.
        rule: ``fitted on validation``, ``fitted on validation, at its limit`` or
            ``1, too few validation scans``.
        scans: Validation scans.
    """

    value: float
    rule: str
    scans: int

    @property
    def is_fitted(self) -> bool:
        """Whether there were enough validation scans to fit it."""
        return self.rule.startswith("fitted")


NOT_FITTED = Temperature(1.0, "1, too few validation scans", 0)


def fit_temperature(truth: ClassIndex, probabilities: Probabilities) -> Temperature:
    """Find the temperature with the least log loss on validation scans.

    Args:
        truth: Diagnosis of each validation scan.
        probabilities: Of each, of all classes.

    Returns:
        1 when a class has fewer than `thresholds.MINIMUM_A_CLASS` validation scans.

    References:
        Guo, Pleiss, Sun & Weinberger (2017), On calibration of modern neural
        networks. ICML, section 4.2.
    """
    counts = np.bincount(truth, minlength=probabilities.shape[1])
    if counts.min() < MINIMUM_A_CLASS:
        return Temperature(1.0, "1, too few validation scans", len(truth))

    def loss(log_temperature: float) -> float:
        scaled = scale(probabilities, float(np.exp(log_temperature)))
        given = scaled[np.arange(len(truth)), truth]
        return float(-np.log(given.clip(_SMALLEST)).mean())

    low, high = np.log(LIMITS)
    best = minimize_scalar(loss, bounds=(low, high), method="bounded").x
    limited = min(best - low, high - best) < 1e-3
    rule = "fitted on validation" + (", at its limit" if limited else "")
    return Temperature(float(np.exp(best)), rule, len(truth))


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
