"""Calibration: of those given 80 %, do 80 % have the disease?"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy.stats import norm

from crosswarp.statistics.cells import Cell
from crosswarp.statistics.draws import blocks_of, weighted_sums
from crosswarp.statistics.intervals import (
    LEVEL,
    Estimate,
    estimate,
    estimates,
)
from crosswarp.statistics.pooled import Pooled, pool
from crosswarp.statistics.recalibration import recalibration_of
from crosswarp.statistics.repeated import mean_over_repeats
from crosswarp.statistics.weighted import probability_metrics
from crosswarp.types.scores import BinMembers, Bins, Draws, ParticipantWeights

MOST_BINS = 10
PEOPLE_A_BIN = 10
"""Participants below which a bin is not worth a point."""

CHANCE_DRAWS = 1000
"""Simulated diagnoses for the error that chance alone gives."""


def calibration_of(
    cells: Sequence[Cell],
    classes: Sequence[str],
    weights: ParticipantWeights,
    seed: int,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Describe a model's calibration before and after temperature scaling.

    A network for which there were too few validation scans keeps its probabilities;
    where that holds for all of them, there is no after. With several repeats, ``mean``
    is `mean_over_repeats` of the scaled probabilities.

    Returns:
        The entries of ``metrics.json`` and the rows of ``calibration.tsv``, without
        the model's name.
    """
    stages = {"before": list(cells)}
    if any(cell.temperature.is_fitted for cell in cells):
        stages["after"] = [cell.calibrated() for cell in cells]
    mean = mean_over_repeats([cell.calibrated() for cell in cells])
    if mean is not None:
        stages["mean"] = [mean]
    entries: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for stage, members in stages.items():
        losses = estimates(probability_metrics(members, weights))
        for question in pool(members, classes):
            bins = bins_of(question)
            named: dict[str, Any] = {"class": question.name, "stage": stage}
            chance = chance_error(question, bins, seed)
            ece = estimate(expected_error(question, bins, weights))
            entries.append(
                named
                | {name: _plain(value) for name, value in losses.items()}
                | {
                    "ece": _plain(ece),
                    "ece_if_calibrated": float(chance.mean()),
                    "ece_if_calibrated_high": float(np.quantile(chance, LEVEL)),
                    "bins": int(bins.max()) + 1,
                }
                | asdict(recalibration_of(question))
            )
            rows += [named | row for row in reliability(question, bins)]
    return entries, rows


def bins_of(question: Pooled) -> Bins:
    """Sort scans by probability into bins of about equally many.

    Returns:
        The number of each scan's bin. Equal probabilities share a bin. There are at
        most `MOST_BINS`, fewer where one would hold fewer participants than
        `PEOPLE_A_BIN`.

    References:
        Nguyen & O'Connor (2015), Posterior calibration and exploratory analysis for
        natural language processing models. EMNLP (equally filled bins).
    """
    probability = question.probability
    people = round(question.shares.sum()) / question.repeats
    count = int(np.clip(people // PEOPLE_A_BIN, 1, MOST_BINS))
    edges = np.quantile(probability, np.arange(1, count) / count)
    found = np.searchsorted(np.unique(edges), probability, side="right")
    bins: Bins = np.unique(found, return_inverse=True)[1]
    return bins


def expected_error(question: Pooled, bins: Bins, weights: ParticipantWeights) -> Draws:
    """Compute the expected calibration error for each row of weights.

    The mean distance between observed share and mean probability over bins, each by
    its scans. It is never below 0, so chance alone makes it positive.

    References:
        Naeini, Cooper & Hauskrecht (2015), Obtaining well calibrated probabilities
        using Bayesian binning. AAAI.
    """
    excess = (question.positive - question.probability) * question.shares
    values = np.column_stack([excess[:, None] * _inside(bins), question.shares])
    sums = weighted_sums(question.participants, values, weights)
    error: Draws = np.abs(sums[:, :-1]).sum(axis=1) / sums[:, -1]
    return error


def chance_error(question: Pooled, bins: Bins, seed: int) -> Draws:
    """Simulate the expected error of a model whose probabilities are right.

    Diagnoses are drawn from the probabilities, one draw a participant for all of
    their scans and repeats.

    References:
        Bröcker & Smith (2007), Increasing the reliability of reliability diagrams.
        Weather and Forecasting 22, 651-661 (consistency resampling).
    """
    generator = np.random.default_rng(seed)
    people = int(question.participants.max()) + 1
    inside = _inside(bins) * question.shares[:, None]
    expected = question.probability @ inside
    error = np.empty(CHANCE_DRAWS)
    for block in blocks_of(CHANCE_DRAWS, people):
        drawn = generator.random((block.stop - block.start, people))
        diagnosed = drawn[:, question.participants] < question.probability
        error[block] = np.abs(diagnosed @ inside - expected).sum(axis=1)
    error /= question.shares.sum()
    return error


def _inside(bins: Bins) -> BinMembers:
    """Give each scan a 1 in the column of its bin, and 0 elsewhere."""
    members: BinMembers = np.eye(int(bins.max()) + 1)[bins]
    return members


def reliability(question: Pooled, bins: Bins) -> list[dict[str, Any]]:
    """List the points of the reliability curve: mean probability, observed share.

    The interval is Wilson's, with the participants in the bin as its number, since
    the scans and repeats of one participant are no independent observations.
    """
    rows = []
    for number in range(int(bins.max()) + 1):
        inside = bins == number
        shares = question.shares[inside]
        observed = float(np.average(question.positive[inside], weights=shares))
        mean = float(np.average(question.probability[inside], weights=shares))
        people = len(np.unique(question.participants[inside]))
        low, high = wilson(observed, people)
        rows.append(
            {
                "bin": number,
                "from": float(question.probability[inside].min()),
                "to": float(question.probability[inside].max()),
                "scans": float(inside.sum() / question.repeats),
                "participants": people,
                "mean_probability": mean,
                "observed": observed,
                "low": low,
                "high": high,
            }
        )
    return rows


def wilson(share: float, count: int) -> tuple[float, float]:
    """Compute Wilson's score interval of a share.

    References:
        Wilson (1927), Probable inference, the law of succession, and statistical
        inference. Journal of the American Statistical Association 22, 209-212.

    Example:
        >>> low, high = wilson(0.0, 10)
        >>> round(low, 4), round(high, 4)
        (0.0, 0.2775)
    """
    z = float(norm.ppf((1 + LEVEL) / 2))
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    reach = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    reach /= 1 + z**2 / count
    return max(0.0, float(centre - reach)), min(1.0, float(centre + reach))


def _plain(value: Estimate | None) -> dict[str, Any] | None:
    return None if value is None else asdict(value)
