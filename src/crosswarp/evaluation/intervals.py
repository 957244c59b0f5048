"""Bootstrap over participants: what would another sample of people have given?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crosswarp.evaluation.cells import People
from crosswarp.types.scores import Draws, ParticipantWeights

LEVEL = 0.95
RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """A value and its interval; the interval is None where no draw defines it."""

    value: float
    low: float | None
    high: float | None


def participant_weights(
    people: People, resamples: int, seed: int
) -> ParticipantWeights:
    """Draw participants with replacement, within fold and diagnosis.

    A participant keeps all scans and repeats, so that they are never counted as
    independent. The networks stay as they are: the interval is about the people
    tested, not about training again.

    Args:
        people: Who was tested, and the groups to draw within.
        resamples: Draws.
        seed: The same seed and people give the same draws, whichever the model.

    Returns:
        How often each participant was drawn. The FIRST row is all ones, the sample
        itself.
    """
    generator = np.random.default_rng(seed)
    weights = np.ones((resamples + 1, len(people.ids)))
    strata = np.array(people.strata)
    for stratum in sorted(set(people.strata)):
        members = np.flatnonzero(strata == stratum)
        share = np.full(len(members), 1 / len(members))
        weights[1:, members] = generator.multinomial(len(members), share, resamples)
    return weights


def estimate(draws: Draws, level: float = LEVEL) -> Estimate | None:
    """Turn a statistic's draws into an estimate with a percentile interval.

    Args:
        draws: The sample's own value first, then one a resample.
        level: Share of resamples inside the interval.

    Returns:
        None when the statistic is not defined in the sample.

    References:
        Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.
    """
    if np.isnan(draws[0]):
        return None
    resampled = draws[1:][~np.isnan(draws[1:])]
    if not resampled.size:
        return Estimate(float(draws[0]), None, None)
    low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(float(draws[0]), float(low), float(high))


def estimates(metrics: dict[str, Draws]) -> dict[str, Estimate | None]:
    """Apply `estimate` to each metric."""
    return {name: estimate(draws) for name, draws in metrics.items()}


def spread(values: Sequence[float | None]) -> tuple[float | None, float | None]:
    """Compute mean and standard deviation (n - 1) over folds where defined.

    Example:
        >>> mean, deviation = spread([0.5, None, 0.7])
        >>> round(mean, 6), round(deviation, 6)
        (0.6, 0.141421)
    """
    known = [value for value in values if value is not None]
    mean = float(np.mean(known)) if known else None
    return mean, float(np.std(known, ddof=1)) if len(known) > 1 else None
