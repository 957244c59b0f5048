"""Scores of a support vector machine as probabilities."""

from typing import Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from crosswarp.types.scores import Positives, Scores

STEEPEST: Final = 20.0
FLATTEST: Final = 0.05
"""Bounds of the slope, per SD of the scores: few scans may be separated perfectly, or
the wrong way round. A slope above 0 never changes the order of scans."""


class Platt:
    """A sigmoid from scores to probabilities.

    Targets are smoothed as Platt does, so that few scans do not make it certain. The
    slope is kept above 0: calibration says how sure, never the opposite.

    Args:
        scores: To fit on; scans that the scores were not fitted on.
        positives: Which of them are positive.
        shares: Weight of each scan, one over the scans of its participant; all 1 when
            None.

    References:
        Platt (1999), Probabilistic outputs for support vector machines. Lin, Lin,
        Weng (2007), A note on Platt's probabilistic outputs.
    """

    def __init__(
        self, scores: Scores, positives: Positives, shares: Scores | None = None
    ) -> None:
        weights = np.ones(len(scores)) if shares is None else shares
        self.size = float(scores.std()) or 1.0
        count = float(weights[positives].sum())
        negatives = float(weights[~positives].sum())
        high, low = (count + 1) / (count + 2), 1 / (negatives + 2)
        targets = np.where(positives, high, low)

        def loss(point: np.ndarray) -> float:
            evidence = point[0] * scores / self.size + point[1]
            return float(weights @ (np.logaddexp(0, evidence) - targets * evidence))

        bounds = [(FLATTEST, STEEPEST), (-STEEPEST * 5, STEEPEST * 5)]
        found = minimize(loss, np.array([1.0, 0.0]), bounds=bounds, method="L-BFGS-B")
        self.slope, self.offset = (float(number) for number in found.x)

    def __call__(self, scores: Scores) -> Scores:
        """Return probabilities of being positive."""
        probabilities: Scores = expit(self.slope * scores / self.size + self.offset)
        return probabilities
