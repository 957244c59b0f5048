"""Bootstrap over participants: what would another sample of people have given?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crosswarp.statistics.cells import People
from crosswarp.types.scores import Draws, ParticipantWeights

LEVEL = 0.95
RESAMPLES = 2000

FEWEST_DRAWS = 40
"""Draws below which a tail of 2.5 % holds none: no interval is given."""

SAME = 1e-12
"""Values of one statistic closer than this are the same."""


@dataclass(frozen=True)
class Estimate:
    """A value and its interval.

    Attributes:
        value: In the sample.
        low: Lower end; None where no interval can be given.
        high: Upper end; None where no interval can be given.
    """

    value: float
    low: float | None
    high: float | None


def participant_weights(
    people: People, resamples: int, seed: int
) -> ParticipantWeights:
    """Draw participants with replacement, within fold and diagnosis.

    A participant keeps all scans and repeats, so that they are never counted as
    independent. The networks stay as they are: the interval is about the people
    tested, not about repeated training.

    A participant who is alone in a fold and diagnosis is drawn every time. Where half
    of a class or more are alone, draws cannot vary as another sample would, and there
    are none: no interval is given, and nothing concluded from one.

    Args:
        people: Who was tested, and the groups to draw within.
        resamples: Number of bootstrap draws.
        seed: The same seed and people give the same draws, whichever the model.

    Returns:
        How often each participant was drawn. The FIRST row is all ones, the sample
        itself; it is the only one where participants cannot vary; see `can_vary`.
    """
    if not can_vary(people):
        return np.ones((1, len(people.ids)))
    generator = np.random.default_rng(seed)
    weights = np.ones((resamples + 1, len(people.ids)))
    strata = np.array(people.strata)
    for stratum in sorted(set(people.strata)):
        members = np.flatnonzero(strata == stratum)
        share = np.full(len(members), 1 / len(members))
        weights[1:, members] = generator.multinomial(len(members), share, resamples)
    return weights


def can_vary(people: People) -> bool:
    """Whether most participants of each diagnosis share their fold with another one.

    A group of those whose diagnosis changes between sessions, such as ``MCI+AD``
    beside ``AD``, may be as small as it is.
    """
    members: dict[str, list[int]] = {}
    for stratum, count in Counter(people.strata).items():
        diagnosis = stratum.partition(" ")[2]
        members.setdefault(diagnosis, []).append(count)
    changed = {
        name
        for name in members
        if any(part in members for part in name.split("+") if part != name)
    }
    return all(
        2 * counts.count(1) < sum(counts)
        for name, counts in members.items()
        if name not in changed
    )


def estimate(
    draws: Draws, level: float = LEVEL, trials: int | None = None
) -> Estimate | None:
    """Turn a statistic's draws into an estimate with a percentile interval.

    No interval is given where draws do not vary: [0.7, 0.7] would say that another
    sample gives the same. A statistic that is exactly 1 or 0 in the sample gets an
    exact one-sided bound instead, where its trials are known; see `exact_bound`.

    Args:
        draws: The sample's own value first, then one a resample.
        level: Share of resamples inside the interval; confidence of a bound.
        trials: Independent trials that all succeeded if the value is 1, and all failed
            if it is 0; None where such a bound is not known.

    Returns:
        None when the statistic is not defined in the sample.

    References:
        Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.
    """
    value = float(draws[0])
    if np.isnan(value):
        return None
    if trials and min(abs(value), abs(1 - value)) < SAME:
        bound = exact_bound(trials, level)
        ends = (bound, 1.0) if value > 0.5 else (0.0, 1 - bound)
        return Estimate(value, *ends)
    resampled = draws[1:][~np.isnan(draws[1:])]
    # Where most draws do not define it, what is left must still resolve the tails.
    enough = min(FEWEST_DRAWS, (len(draws) - 1) / 2)
    if len(resampled) < enough or not resampled.size or np.ptp(resampled) < SAME:
        return Estimate(value, None, None)
    low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, float(low), float(high))


def exact_bound(trials: int, level: float = LEVEL) -> float:
    """Compute the lower one-sided bound of a probability after successes only.

    ``(1 - level) ** (1 / trials)``: with a smaller probability, so many successes in a
    row would be rarer than ``1 - level``. About ``1 - 3 / trials`` at 95 %, the rule of
    three. Of an AUC of 1, the trials are disjoint pairs of a positive and a negative
    participant: all of them are ranked rightly, and each is independent of the others.

    References:
        Clopper & Pearson (1934), The use of confidence or fiducial limits illustrated
        in the case of the binomial. Biometrika 26, 404-413.
        Hanley & Lippman-Hand (1983), If nothing goes wrong, is everything all right?
        JAMA 249, 1743-1745.

    Example:
        >>> round(exact_bound(10), 4), round(exact_bound(100), 4)
        (0.7411, 0.9705)
    """
    return float((1 - level) ** (1 / trials))


def estimates(
    metrics: dict[str, Draws], trials: Mapping[str, int] | None = None
) -> dict[str, Estimate | None]:
    """Apply `estimate` to each metric.

    Args:
        metrics: Draws of each.
        trials: Independent trials of those metrics that have them.
    """
    known = trials or {}
    return {
        name: estimate(draws, trials=known.get(name)) for name, draws in metrics.items()
    }


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
