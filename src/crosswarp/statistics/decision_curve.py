"""Decision curve: is acting on the model better than treating all, or nobody?"""

from typing import Any

import numpy as np

from crosswarp.statistics.draws import weighted_sums
from crosswarp.statistics.intervals import Estimate, estimate
from crosswarp.statistics.pooled import Pooled
from crosswarp.types.scores import Curves, Grid, ParticipantWeights

THRESHOLDS = np.arange(1, 100) / 100
"""Probabilities from which one would act."""


def net_benefit(
    question: Pooled, weights: ParticipantWeights, thresholds: Grid
) -> Curves:
    """Compute the net benefit at each threshold, for each row of weights.

    ``true positives / n - false positives / n * t / (1 - t)``: a threshold t says
    that a missed case weighs (1 - t) / t needless treatments. Shares are those of
    the participants at hand, so it holds for a clinic with as many cases.

    References:
        Vickers & Elkin (2006), Decision curve analysis. Medical Decision Making 26,
        565-574.
    """
    treated = question.probability[:, None] >= thresholds
    odds = thresholds / (1 - thresholds)
    gain = np.where(question.positive[:, None], 1.0, -odds) * treated
    values = np.column_stack([gain, np.ones(len(gain))]) * question.shares[:, None]
    sums = weighted_sums(question.participants, values, weights)
    benefit: Curves = sums[:, :-1] / sums[:, -1:]
    return benefit


def decision_rows(
    question: Pooled, weights: ParticipantWeights
) -> list[dict[str, Any]]:
    """List the rows of ``decision_curve.tsv`` for one question."""
    drawn = net_benefit(question, weights, THRESHOLDS)
    prevalence = float(np.average(question.positive, weights=question.shares))
    rows = []
    for column, threshold in enumerate(THRESHOLDS):
        found = estimate(drawn[:, column])
        if len(weights) > 1 and not (question.probability >= threshold).any():
            # Nobody is treated: 0 by definition, in any sample.
            found = Estimate(0.0, 0.0, 0.0)
        rows.append(
            {
                "threshold": float(threshold),
                "net_benefit": found and found.value,
                "low": found and found.low,
                "high": found and found.high,
                "treat_all": prevalence
                - (1 - prevalence) * float(threshold / (1 - threshold)),
            }
        )
    return rows
